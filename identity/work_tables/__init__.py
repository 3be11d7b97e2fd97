"""The DuckDB tables and views that modules of this package pass to each other, which no import shows.

Each is listed once, in the order in which a resolution makes it. A test compares the list with the code and with the
tables of real resolutions. All but the last group are private tables of a workspace (see identity.workspace); what is
stored for the next resolution is listed in identity.incremental.state.
"""

from identity.work_tables.change_tables import CHANGE_TABLES
from identity.work_tables.cluster_tables import CLUSTER_TABLES
from identity.work_tables.pair_tables import PAIR_TABLES
from identity.work_tables.profile_tables import PROFILE_TABLES
from identity.work_tables.record_tables import RECORD_TABLES
from identity.work_tables.work_table import WorkTable

WORK_TABLES = (*RECORD_TABLES, *PAIR_TABLES, *CLUSTER_TABLES, *CHANGE_TABLES, *PROFILE_TABLES)

__all__ = ["WORK_TABLES", "WorkTable"]
