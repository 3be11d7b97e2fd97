"""Making a damaged home whole again: warehouse, landed batches, releases and the pointer, in this order.

Nothing is deleted: what cannot be used is put aside next to where it was, under a name that ends in ``.damaged``. What
is wrong is found here and by ``doctor/``, which changes nothing.
"""

from cdp_orchestration.repair.home import repair_home
from cdp_orchestration.repair.repaired import Repair

__all__ = ["Repair", "repair_home"]
