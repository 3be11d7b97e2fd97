"""The dbt project as the platform runs it: its manifest, and its runs in this process.

What the models compute is written in ``dbt_project/``.
"""
