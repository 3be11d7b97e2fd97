"""The contract of a stream: which columns and values land, in which type, and which are refused and why."""
