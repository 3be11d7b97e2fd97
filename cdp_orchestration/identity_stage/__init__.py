"""The identity stage: overrides and labels, the model in force, the resolution of what changed, and its tables."""
