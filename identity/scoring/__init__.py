"""Which pairs are compared, and how many bits speak for one person: blocking, match weights, deterministic links."""
