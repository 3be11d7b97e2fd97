"""Write a whole demo: generate its chunks, in two processes when there are many, and keep their order."""

import gc
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from cdp_orchestration.demo.chunks import ChunkPlan, GeneratedChunk, generate_chunk
from cdp_orchestration.demo.drops import DROP_COUNT
from cdp_orchestration.demo.inbox import InboxWriter, file_of
from cdp_orchestration.demo.truth import COLUMNS

WORTH_PROCESSES = 8  # chunks; starting a process costs about as much as generating two of them
INTERACTIONS = (
    "crm/campaign_members", "ecommerce/orders", "ecommerce/events", "in_store/transactions", "support/tickets",
    "support/survey_responses",
)  # fmt: skip


@dataclass(frozen=True)
class DemoSummary:
    """What was written. ``rows`` counts delivered rows by stream, versions and duplicates included.

    ``person_records`` are those of the truth file; ``interactions`` are delivered rows of interaction streams.
    """

    customers: int
    person_records: int
    interactions: int
    files: int
    rows: dict[str, int] = field(default_factory=dict)


def write_demo(
    inbox: Path, truth_path: Path, *, customers: int = 5000, seed: int = 7, drops: tuple[int, ...] | None = None,
    processes: int = 2,
) -> DemoSummary:  # fmt: skip
    """Write the demo's files into the inbox, one per stream and drop, and the true person of each record.

    Args:
        inbox: the folder of the deliveries; files of the same names are replaced.
        truth_path: a CSV file with one row per person record. It covers the drops written now and those whose files
            exist already, so that a demo can be delivered drop by drop.
        customers: how many people are invented.
        seed: another seed gives other people.
        drops: the drops to write, 0 to ``DROP_COUNT - 1``; all by default.
        processes: how many processes generate chunks at the same time.

    Returns:
        What was written.

    Raises:
        ValueError: there is no customer, no drop, or a drop that does not exist.
    """
    written = tuple(range(DROP_COUNT)) if drops is None else tuple(sorted(set(drops)))
    if customers < 1 or not written or not set(written) <= set(range(DROP_COUNT)):
        raise ValueError(
            f"demo: found customers={customers}, drops={written}; expected at least one customer "
            f"and drops of 0 to {DROP_COUNT - 1}; choose others"
        )
    covered = tuple(d for d in range(DROP_COUNT) if d in written or file_of(inbox, "in_store/stores", d).exists())
    count = ChunkPlan(seed, customers, 0, written, covered).chunk_count
    plans = [ChunkPlan(seed, customers, chunk, written, covered) for chunk in range(count)]
    truth_path.parent.mkdir(parents=True, exist_ok=True)
    inbox.mkdir(parents=True, exist_ok=True)
    return _write(plans, inbox, truth_path, processes)


def _write(plans: list[ChunkPlan], inbox: Path, truth_path: Path, processes: int) -> DemoSummary:
    rows: Counter[str] = Counter()
    person_records = 0
    with TemporaryDirectory(prefix=".demo-", dir=inbox.parent) as staging:
        truth = Path(staging) / "truth.csv"
        with InboxWriter(inbox, Path(staging)) as writer, truth.open("wb") as answers:
            answers.write((",".join(COLUMNS) + "\n").encode())
            for generated in _generate(plans, processes):
                for (stream, drop), payload in generated.payloads.items():
                    writer.append(stream, drop, payload)
                answers.write(generated.truth)
                rows.update(generated.rows)
                person_records += generated.person_records
        truth.replace(truth_path)
    interactions = sum(rows[stream] for stream in INTERACTIONS)
    return DemoSummary(plans[0].customers, person_records, interactions, len(writer.files), dict(sorted(rows.items())))


def _generate(plans: list[ChunkPlan], processes: int) -> Iterator[GeneratedChunk]:
    """Generate chunks in order; in parallel when that saves time, a few ahead of what is written."""
    if processes < 2 or len(plans) < WORTH_PROCESSES:
        yield from map(generate_chunk, plans)
        return
    # spawn: a forked child would inherit the locks of Arrow's threads. A chunk makes no reference cycles, so garbage
    # collection there only costs time.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=gc.disable) as pool:
        ahead = processes * 2
        waiting = [pool.submit(generate_chunk, plan) for plan in plans[:ahead]]
        for place in range(len(plans)):
            generated = waiting.pop(0).result()
            if place + ahead < len(plans):
                waiting.append(pool.submit(generate_chunk, plans[place + ahead]))
            yield generated
