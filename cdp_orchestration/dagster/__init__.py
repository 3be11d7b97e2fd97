"""All of Dagster: assets, gates, jobs, the schedule and the sensor, and runs started from Python.

Here belongs wiring only: no algorithm, no file format, no SQL beyond create and swap. Nothing outside this package but
``definitions.py`` imports Dagster.
"""
