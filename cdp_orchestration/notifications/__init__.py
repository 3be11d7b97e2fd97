"""Who hears of what is wrong: the targets that a home declares, what was sent to each, and what still waits.

A finding is something that is wrong and stands: a failed run, a refused release, a late stream. Its event is sent once
to each target that wants it, and once more as ``recovered`` when it stands no longer. What a message holds is counts
and the names of checks, tables, streams and runs, never a value of a customer, a record's key or a file's name: those
stand in ``Finding.details``, which only a terminal shows.

Not here: what is wrong with a home (``health/``), and how a run ended (``dagster/``).
"""

from cdp_orchestration.notifications.declaration import Notifications, read_notifications
from cdp_orchestration.notifications.dispatch import Report, notify, send_test
from cdp_orchestration.notifications.findings import Finding, Observed
from cdp_orchestration.notifications.outbox import Outbox, open_outbox, standing_findings

__all__ = [
    "Finding",
    "Notifications",
    "Observed",
    "Outbox",
    "Report",
    "notify",
    "open_outbox",
    "read_notifications",
    "send_test",
    "standing_findings",
]
