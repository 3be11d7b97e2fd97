"""Reads what every command reads anew, once for all that are forked: the version of the code, and dbt's project.

Both are the same for each command of a test run; the process that forks imports this module after all others.
"""

from importlib import import_module

from cdp_orchestration.dbt.project import parsed_manifest
from cdp_orchestration.home.code_version import code_version

for _name in ("babel.dates", "dbt.adapters.duckdb", "dbt.task.build", "expectations.every_gate", "py3langid"):
    import_module(_name)
code_version()
parsed_manifest()
