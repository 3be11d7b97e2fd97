"""An invented retailer's four systems: seeded data in the vendors' own formats, with the true person of each record.

Every name, address and number is invented. The same customers and seed give the same bytes on every day and with any
number of processes. The data arrives in ``DROP_COUNT`` drops: a first load and later ones with new, changed and deleted
rows, duplicates and late rows.

Here belongs the generator, which writes files into an inbox, and what serves the same rows as tables of a PostgreSQL or
as a REST API (``silos``); it reads nothing of the platform. Not here: how those rows are fetched (``connectors/``) and
landed (``landing/``), or how well they are resolved (``benchmark/``).
"""

from cdp_orchestration.demo.drops import DROP_COUNT
from cdp_orchestration.demo.writer import DemoSummary, write_demo

__all__ = ["DROP_COUNT", "DemoSummary", "write_demo"]
