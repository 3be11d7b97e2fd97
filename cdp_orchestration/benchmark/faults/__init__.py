"""What ``make bench-faults`` measures: faults that strike a home, and how often it survives them."""
