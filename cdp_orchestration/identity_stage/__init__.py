"""The identity stage: what people decided, which model is in force, what changed, and how the tables follow."""
