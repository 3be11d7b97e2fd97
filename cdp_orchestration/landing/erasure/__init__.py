"""Erased people: what has landed is written again without them, and they do not land again."""
