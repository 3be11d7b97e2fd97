"""Profile ids that last: from clusters and the previous assignments to ids, events and redirects."""
