"""The code location, where Dagster's own tools look for it."""

import dagster as dg

from cdp_orchestration.dagster.code_location import build_definitions


@dg.definitions
def defs() -> dg.Definitions:
    """Return the code location, for Dagster's own tools."""
    return build_definitions()
