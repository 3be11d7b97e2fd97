"""One chunk of customers: generated independently, so that chunks may run in any process."""

import csv
import io
from dataclasses import dataclass, field

import pyarrow as pa

from cdp_orchestration.demo.countries import countries
from cdp_orchestration.demo.dice import Dice
from cdp_orchestration.demo.drops import JSON_STREAMS, Outbox, Row
from cdp_orchestration.demo.footprints import Footprint
from cdp_orchestration.demo.households import Town
from cdp_orchestration.demo.journeys import write_person
from cdp_orchestration.demo.parquet_tables import as_table, parquet_schemas
from cdp_orchestration.demo.people import Mailboxes, Person
from cdp_orchestration.demo.scene import Scene
from cdp_orchestration.demo.truth import Truth
from cdp_orchestration.demo.vendors.crm import write_accounts
from cdp_orchestration.demo.vendors.in_store import write_stores

CHUNK_CUSTOMERS = 1_250


@dataclass(frozen=True)
class ChunkPlan:
    """What to generate: a chunk of a demo of ``customers`` people, its drops, and the drops that the truth covers."""

    seed: int
    customers: int
    chunk: int
    written_drops: tuple[int, ...]
    truth_drops: tuple[int, ...]

    @property
    def chunk_count(self) -> int:
        """How many chunks the demo has."""
        return -(-self.customers // CHUNK_CUSTOMERS)


@dataclass
class GeneratedChunk:
    """A chunk's deliveries by (stream, drop): bytes to append or a table; its truth and its counts."""

    payloads: dict[tuple[str, int], bytes | pa.Table] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    truth: bytes = b""
    person_records: int = 0


def generate_chunk(plan: ChunkPlan) -> GeneratedChunk:
    """Invent a chunk's people and everything they do; the result depends on the plan alone."""
    dice = Dice(f"{plan.seed}/{plan.customers}/{plan.chunk}")
    scene = Scene(plan.chunk, dice, Outbox(dice), Truth())
    first = plan.chunk * CHUNK_CUSTOMERS
    count = min(CHUNK_CUSTOMERS, plan.customers - first)
    town = Town(dice, Mailboxes(plan.chunk, plan.chunk_count), first)
    employers = write_accounts(scene, countries(), max(2, count // 40))
    if plan.chunk == 0:
        write_stores(scene.outbox)
    friend: Footprint | None = None
    while town.count < count:
        members = town.new_household()[: count - town.count + 1]
        for person in members:
            _employ(dice, town.mailboxes, person, employers)
            friend = write_person(scene, person, friend)
    return _pack(scene, plan)


def _employ(dice: Dice, mailboxes: Mailboxes, person: Person, employers: list[tuple[str, str]]) -> None:
    """Give one in nine people of working age a job, and with it a mailbox at work."""
    if 1962 <= person.birth.year <= 2002 and dice.chance(0.15):
        person.account_id, domain = dice.pick(employers)
        person.work_email = mailboxes.open_at_work(dice, person, domain)


def _pack(scene: Scene, plan: ChunkPlan) -> GeneratedChunk:
    generated = GeneratedChunk()
    for stream, drops in scene.outbox.rows.items():
        for drop in plan.written_drops:
            if drops[drop]:
                generated.payloads[stream, drop] = _payload(stream, drops[drop])
                generated.rows[stream] = generated.rows.get(stream, 0) + len(drops[drop])
    answers = scene.truth.rows(sum(1 << drop for drop in plan.truth_drops))
    generated.truth = as_csv(answers)
    generated.person_records = len(answers)
    return generated


def _payload(stream: str, rows: list[Row]) -> bytes | pa.Table:
    if stream in JSON_STREAMS:
        return b"".join(rows)
    schema = parquet_schemas().get(stream)
    return as_csv(rows) if schema is None else as_table(rows, schema)


def as_csv(rows: list[Row]) -> bytes:
    """Return rows as CSV lines without a header; None is empty."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
