"""Writes a whole demo: plays its chunks, in two processes when there are many, and keeps their order."""

import gc
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from cdp_orchestration.demo.chunks import ChunkOrder, Played, play_chunk
from cdp_orchestration.demo.drops import DROP_COUNT
from cdp_orchestration.demo.inbox import InboxWriter, file_of
from cdp_orchestration.demo.truth import COLUMNS

WORTH_PROCESSES = 8  # chunks; starting a process costs about as much as playing two of them
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
    """Write the demo's files into the inbox, one a stream and drop, and who is who into ``truth_path``.

    ``drops`` names the drops to write, all by default. The truth covers these and any whose files are there already,
    so that a demo can be delivered drop by drop. Raises ``ValueError`` for a drop that does not exist.
    """
    written = tuple(range(DROP_COUNT)) if drops is None else tuple(sorted(set(drops)))
    if customers < 1 or not written or not set(written) <= set(range(DROP_COUNT)):
        raise ValueError(
            f"demo: found customers={customers}, drops={written}; expected at least one customer "
            f"and drops of 0 to {DROP_COUNT - 1}; name other ones"
        )
    judged = tuple(d for d in range(DROP_COUNT) if d in written or file_of(inbox, "in_store/stores", d).exists())
    count = ChunkOrder(seed, customers, 0, written, judged).chunk_count
    orders = [ChunkOrder(seed, customers, chunk, written, judged) for chunk in range(count)]
    truth_path.parent.mkdir(parents=True, exist_ok=True)
    inbox.mkdir(parents=True, exist_ok=True)
    rows: Counter[str] = Counter()
    person_records = 0
    with TemporaryDirectory(prefix=".demo-", dir=inbox.parent) as staging:
        truth = Path(staging) / "truth.csv"
        with InboxWriter(inbox, Path(staging)) as writer, truth.open("wb") as answers:
            answers.write((",".join(COLUMNS) + "\n").encode())
            for played in _play(orders, processes):
                for (stream, drop), payload in played.payloads.items():
                    writer.append(stream, drop, payload)
                answers.write(played.truth)
                rows.update(played.rows)
                person_records += played.person_records
        truth.replace(truth_path)
    interactions = sum(rows[stream] for stream in INTERACTIONS)
    return DemoSummary(customers, person_records, interactions, len(writer.files), dict(sorted(rows.items())))


def _play(orders: list[ChunkOrder], processes: int) -> Iterator[Played]:
    """Play chunks in order; beside each other when that pays, a few ahead of what is written."""
    if processes < 2 or len(orders) < WORTH_PROCESSES:
        yield from map(play_chunk, orders)
        return
    # spawn: a forked child would inherit the locks of Arrow's threads. A chunk makes no reference cycles, so that
    # looking for some is lost time there.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=gc.disable) as pool:
        ahead = processes * 2
        waiting = [pool.submit(play_chunk, order) for order in orders[:ahead]]
        for place in range(len(orders)):
            played = waiting.pop(0).result()
            if place + ahead < len(orders):
                waiting.append(pool.submit(play_chunk, orders[place + ahead]))
            yield played
