"""Dagster and the ``cdp`` command: the wiring of the platform.

Here belong assets, checks, jobs, settings, landing of files and publishing of releases. Not here: who is who
(``identity/``), what a table must look like (``expectations/``), how rows become profiles (``dbt_project/``).
"""
