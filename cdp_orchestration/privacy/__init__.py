"""What people may ask of a company about their data: to see it, to correct it, not to be used, to be forgotten."""
