"""A release: one consistent set of published tables, written apart, audited, then made live in one step.

``bundle`` writes a candidate, ``publication`` makes it live, ``reader`` opens the live one, ``lookup`` finds a customer
in it, ``continuation`` resets the tables that grow from release to release. ``comparison`` says what differs between
two, ``integrity`` whether the files of one are whole, ``kept``, ``leases`` and ``pruning`` which stay. Not here: when a
release is cut (``dagster/assets/release.py``), what its tables must look like (``expectations/``), how their rows are
computed (``dbt_project/``).
"""
