"""From weighed pairs to clusters: components, division at conflicts, merging, sparse records, limits, edges."""
