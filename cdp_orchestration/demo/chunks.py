"""One chunk of customers from first to last: played alone, so that chunks may run in any process."""

import csv
import io
from dataclasses import dataclass, field

import pyarrow as pa

from cdp_orchestration.demo.countries import countries
from cdp_orchestration.demo.dice import Dice
from cdp_orchestration.demo.drops import JSON_STREAMS, Outbox, Row
from cdp_orchestration.demo.footprints import Footprint
from cdp_orchestration.demo.households import Town
from cdp_orchestration.demo.journeys import play
from cdp_orchestration.demo.people import Mailboxes, Person
from cdp_orchestration.demo.scene import Scene
from cdp_orchestration.demo.tables import as_table, parquet_schemas
from cdp_orchestration.demo.truth import Truth
from cdp_orchestration.demo.vendors.crm import write_accounts
from cdp_orchestration.demo.vendors.in_store import write_stores

CHUNK_CUSTOMERS = 1_250


@dataclass(frozen=True)
class ChunkOrder:
    """What to play: a chunk of a demo of ``customers`` people, and the drops wanted."""

    seed: int
    customers: int
    chunk: int
    written: tuple[int, ...]
    judged: tuple[int, ...]

    @property
    def chunk_count(self) -> int:
        """How many chunks the demo has."""
        return -(-self.customers // CHUNK_CUSTOMERS)


@dataclass
class Played:
    """A chunk's deliveries by (stream, drop): bytes to append or a table; its truth and its counts."""

    payloads: dict[tuple[str, int], bytes | pa.Table] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    truth: bytes = b""
    person_records: int = 0


def play_chunk(order: ChunkOrder) -> Played:
    """Invent a chunk's people and everything they do; depends on nothing but the order."""
    dice = Dice(f"{order.seed}/{order.customers}/{order.chunk}")
    scene = Scene(order.chunk, dice, Outbox(dice), Truth())
    first = order.chunk * CHUNK_CUSTOMERS
    count = min(CHUNK_CUSTOMERS, order.customers - first)
    town = Town(dice, Mailboxes(order.chunk, order.chunk_count), first)
    employers = write_accounts(scene, countries(), max(2, count // 40))
    if order.chunk == 0:
        write_stores(scene.outbox)
    friend: Footprint | None = None
    while town.count < count:
        members = town.found()[: count - town.count + 1]
        for person in members:
            _employ(dice, town.mailboxes, person, employers)
            friend = play(scene, person, friend)
    return _pack(scene, order)


def _employ(dice: Dice, mailboxes: Mailboxes, person: Person, employers: list[tuple[str, str]]) -> None:
    """Give one in nine people of working age a job, and with it a mailbox at work."""
    if 1962 <= person.birth.year <= 2002 and dice.chance(0.15):
        person.account_id, domain = dice.pick(employers)
        person.work_email = mailboxes.open_at_work(dice, person, domain)


def _pack(scene: Scene, order: ChunkOrder) -> Played:
    played = Played()
    for stream, drops in scene.outbox.rows.items():
        for drop in order.written:
            if drops[drop]:
                played.payloads[stream, drop] = _payload(stream, drops[drop])
                played.rows[stream] = played.rows.get(stream, 0) + len(drops[drop])
    answers = scene.truth.rows(sum(1 << drop for drop in order.judged))
    played.truth = as_csv(answers)
    played.person_records = len(answers)
    return played


def _payload(stream: str, rows: list[Row]) -> bytes | pa.Table:
    if stream in JSON_STREAMS:
        return b"".join(rows)
    schema = parquet_schemas().get(stream)
    return as_csv(rows) if schema is None else as_table(rows, schema)


def as_csv(rows: list[Row]) -> bytes:
    """Rows as CSV lines without a header; None is empty."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
