"""What people may ask of a company about their data: to be forgotten, and what must be left then."""
