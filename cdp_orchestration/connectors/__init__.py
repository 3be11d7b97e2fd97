"""Connectors: how the rows of a stream come from where they live into the inbox.

A connector is a sender like any other: it writes whole files into ``inbox/<source>/<stream>/``, and landing reads them
as it reads files that somebody put there. One folder a kind of system (``databases/``, ``files/``, ``rest/``): in each,
``declaration.py`` is what the source's YAML says, a pydantic model, and ``fetching.py`` fetches what is new since a
position. ``ready/`` has whole declarations for systems that many have.
"""
