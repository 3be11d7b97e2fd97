"""Whether an installation and its home are fit to work: one line a check, with what was found and what to do.

A check is a small function that takes facts and returns lines (``line``); ``examination`` reads the facts, and its
``CHECKS`` is the one list of them: a further check is a function and an entry there. Rooms: ``installation`` (Python
and libraries), ``folders`` (home, permissions, disk), ``running`` (locks, schedules, sensors), ``supplies``
(declarations, secrets, deliveries, limits set by hand, destinations, targets of notifications), ``landed_files``,
``releases`` (the live one, its open tier, what is kept, the audit log), ``privacy`` (requests and erasures).

What is wrong with the data, such as a gate that warns, is the business of ``health/``.
"""

from cdp_orchestration.doctor.examination import examine
from cdp_orchestration.doctor.line import EXIT_CODES, Line, worst

__all__ = ["EXIT_CODES", "Line", "examine", "worst"]
