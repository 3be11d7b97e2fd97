"""What DuckDB says of a file that is cut, overwritten or missing, in words that hold no value."""

import re

_DAMAGES = re.compile(
    r"not a valid DuckDB database file|Corrupt (?:database|WAL) file|Could not read enough bytes from file"
    r"|No magic bytes found|too small to be a Parquet file|TProtocolException|Parquet file is likely corrupted"
    r"|Invalid string encoding found in Parquet file|Corrupted file\?|Out of buffer|Decompression failure"
    r"|No files found that match the pattern"
)
# DuckDB names the file before any value that it found in it
_FILE = re.compile(r"[\"']([^\"']+\.(?:parquet|duckdb|wal))[\"']")


def damage_in(text: str) -> str | None:
    """Return what is damaged and what to do, by the text of an error of DuckDB; None where it is about another thing.

    Args:
        text: the text, which may quote a value; nothing of it but the name of a file is returned.
    """
    if not _DAMAGES.search(text):
        return None
    file = _FILE.search(text)
    name = file[1] if file else "a file of the home"
    return f"{name} is missing, cut or overwritten, expected a whole file; `cdp repair` says more and mends the home"
