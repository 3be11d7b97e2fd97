"""Whether a sync has anything to do, and what it found that hands or killed runs have left."""

import dagster as dg

from cdp_orchestration.dagster.home_resource import Home
from cdp_orchestration.dagster.run_history import is_sync
from cdp_orchestration.open_tier.following import is_in_step
from cdp_orchestration.stages.builds import StartedBy
from cdp_orchestration.stages.chain import Chain, read_chain
from cdp_orchestration.stages.publications import is_live

FOUND_TAG = "cdp/found"  # what a sync heals, on its run
_HEALED = {"failed", "interrupted", "mixed", "refused"}


def started_by(run: dg.DagsterRun) -> StartedBy:
    """Return whether a sync or a person started a run: a person who materializes assets starts another job."""
    return "sync" if is_sync(run.job_name) else "hand"


def nothing_new(home: Home) -> bool:
    """Return whether the chain from what has landed to what is live, in both tiers, is complete and passed."""
    if not is_in_step(home.settings):
        return False
    with home.warehouse() as connection:
        chain = read_chain(connection, home.settings)
        return chain.is_complete and is_live(connection, home.settings, chain)


def report_found(context: dg.AssetExecutionContext, home: Home) -> None:
    """Log, and note on the run, what earlier runs have left that this sync builds again."""
    with home.warehouse() as connection:
        found = found_sentences(read_chain(connection, home.settings))
    for sentence in found:
        context.log.info(sentence)
    if found:
        context.instance.add_run_tags(context.run.run_id, {FOUND_TAG: "; ".join(found)})


def found_sentences(chain: Chain) -> list[str]:
    """Return one sentence a stage that is mixed, failed, unfinished or refused; one that is only behind has none."""
    return [f"{link.found}; building it again" for link in chain.broken if link.kind in _HEALED]
