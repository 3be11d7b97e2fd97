"""What is wrong with a home, and what to do: computed from its ledger, gates, sources, releases and disk.

Each room computes findings of one kind: ``gates`` (blocked releases and warnings), ``sources`` (late, not fetched,
refused), ``destinations`` (behind the live release), ``churn`` (profiles that one release merged and split), ``disk``.
``overall`` says what they come to, ``idle`` sends where no run was needed. How runs ended is known to ``dagster/``; who
hears of a finding to ``notifications/``.
"""

from cdp_orchestration.health.idle import notify_idle, notify_not_started
from cdp_orchestration.health.overall import Health, Look, health_of, look_at, observe_home, with_warnings

__all__ = [
    "Health",
    "Look",
    "health_of",
    "look_at",
    "notify_idle",
    "notify_not_started",
    "observe_home",
    "with_warnings",
]
