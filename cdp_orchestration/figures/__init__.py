"""Figures of deliveries and releases: what each was like, what is usual by those before, and what people accepted."""
