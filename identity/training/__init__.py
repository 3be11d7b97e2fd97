"""Learning a model from the records alone, without labels: what ``scoring/`` then weighs pairs with."""
