"""What ``make bench`` measures: accuracy against known truth, and times against a baseline in the same run."""
