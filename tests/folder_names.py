"""Names that a folder may have, and that mean something to SQL, to patterns of file names and to addresses."""

ODD_FOLDER = "O'Neill's [home] {a} %20 ä"
