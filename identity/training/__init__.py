"""Learning a model from the records alone, without labels."""
