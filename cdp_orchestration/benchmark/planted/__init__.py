"""Damages planted in healthy homes, and clean variations of them: what the gates must find, and what they must pass."""
