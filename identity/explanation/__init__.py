"""Why two records are one profile, or why not, in words and bits."""
