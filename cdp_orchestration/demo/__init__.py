"""A made-up retailer's four systems: seeded demo data in the vendors' own formats, with the truth beside it.

Every name, address and number is invented. The same customers and seed give the same bytes on every day and with any
number of processes. The data arrives in ``DROP_COUNT`` drops: a first load and later ones with news, changes,
deletions, duplicates and rows that come late.
"""

from cdp_orchestration.demo.drops import DROP_COUNT
from cdp_orchestration.demo.writer import DemoSummary, write_demo

__all__ = ["DROP_COUNT", "DemoSummary", "write_demo"]
