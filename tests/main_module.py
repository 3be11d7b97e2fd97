"""Gives the main module of a process the file that a script has.

To be imported before DuckDB, which takes a main module without a file for a person at a prompt, and draws progress bars
for queries that take longer than two seconds.
"""

import sys

if not hasattr(sys.modules["__main__"], "__file__"):
    sys.modules["__main__"].__file__ = __file__
