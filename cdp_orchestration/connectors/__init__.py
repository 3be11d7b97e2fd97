"""Connectors: how the rows of a stream come from where they live into the inbox.

A connector is a sender like any other: it writes whole files into ``inbox/<source>/<stream>/``, and landing reads them
as it reads files that somebody put there. One module a kind of system. Each has a declaration (a pydantic model, read
from the source's YAML) and a function that fetches what is new since a position.
"""
