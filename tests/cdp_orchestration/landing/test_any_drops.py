"""However files are delivered, staging holds in the end what one clean load of the same files gives."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from examples import examples
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from jinja2 import Environment

from cdp_orchestration.dbt.own_models import own_models
from cdp_orchestration.home.settings import DBT_PROJECT_DIR, Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import land_stream
from cdp_orchestration.landing.storage.withdrawn_deliveries import take_up_delivery, withdraw_delivery
from cdp_orchestration.sources import Stream, declared_stream

EXAMPLES = int(os.environ.get("CDP_TEST_DROPS", examples(3)))
FIELDS = "fields: {id: identifier, points: integer, at: timestamp, left: boolean}"
DECLARATIONS = {
    "by cursor": f"key: [id], cursor: at, {FIELDS}, deleted: {{field: left, values: true}}",
    "by file": f"key: [id], {FIELDS}, deleted: {{field: left, values: true}}",
    "snapshots": f"key: [id], {FIELDS}, deleted: {{absent_from_snapshot: true}}",
}
NAMES = ("1.csv", "2.csv", "3.csv")
ENVIRONMENT = Environment(autoescape=False)
MACROS = "".join(
    (DBT_PROJECT_DIR / "macros" / name).read_text(encoding="utf-8")
    for name in ("newest_version.sql", "text_values.sql")
)

Row = tuple[str, int, int, bool]


@dataclass
class Club:
    """A home with one stream, and what of its deliveries counts."""

    settings: Settings
    rows: dict[str, list[Row]] = field(default_factory=dict)
    landed: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)

    @property
    def members(self) -> Stream:
        return declared_stream("club/members", self.settings)

    @property
    def is_of_snapshots(self) -> bool:
        deleted = self.members.mapping.deleted if self.members.mapping else None
        return bool(deleted and deleted.absent_from_snapshot)

    def deliver(self, name: str, rows: list[Row]) -> None:
        """Deliver a file, or more rows of one that was delivered before; one that was taken back is another file."""
        if name in self.rows and self.is_of_snapshots:
            return  # a snapshot does not grow: each version of it is one that deletes
        self.rows[name] = [*self.rows.get(name, []), *rows]
        self.withdrawn.discard(name)
        self._write(name)

    def sync(self) -> None:
        land_stream(self.members, self.settings)
        self.landed |= self.rows.keys()

    def withdraw(self, name: str) -> None:
        """Take a file back, as it is after its delivery has landed."""
        if name in self.rows:
            self.sync()
            withdraw_delivery(self.members, name, self.settings, by="kim")
            self.withdrawn.add(name)

    def take_up(self, name: str) -> None:
        if name in self.withdrawn:
            take_up_delivery(self.members, name, self.settings)
            self.withdrawn.discard(name)

    def remove(self, name: str) -> None:
        """Remove a file that has landed from the inbox: what it brought stays."""
        if name in self.landed:
            (self._folder / name).unlink(missing_ok=True)

    def staged(self) -> list[tuple[object, ...]]:
        sql = ENVIRONMENT.from_string(MACROS + own_models(self.members)[self.members.staging_model])
        query = sql.render(source="{}.{}".format)
        with open_warehouse(self.settings.warehouse) as connection:
            return connection.execute(f"select * from ({query}) order by all").fetchall()

    @property
    def _folder(self) -> Path:
        return self.settings.inbox / "club" / "members"

    def _write(self, name: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        lines = (f"{key},{points},2026-03-{day:02}T00:00:00Z,{left}\n" for key, points, day, left in self.rows[name])
        (self._folder / name).write_text("id,points,at,left\n" + "".join(lines), encoding="utf-8")


@contextmanager
def club(declaration: str) -> Iterator[Club]:
    with tempfile.TemporaryDirectory() as folder:
        home = Settings(home=Path(folder))
        home.own_sources.mkdir()
        text = f"source: club\nstreams: {{members: {{{declaration}}}}}\n"
        (home.own_sources / "club.yml").write_text(text, encoding="utf-8")
        # While one connection is open, others of this process open immediately.
        with open_warehouse(home.warehouse):
            yield Club(home)


row = st.tuples(st.sampled_from("abc"), st.integers(0, 9), st.integers(1, 4), st.booleans())
names = st.sampled_from(NAMES)
steps = st.one_of(
    st.tuples(st.just("deliver"), names, st.lists(row, min_size=1, max_size=4)),
    st.tuples(st.just("deliver"), names, st.lists(row, min_size=1, max_size=4)),
    st.tuples(st.just("sync")),
    st.tuples(st.just("withdraw"), names),
    st.tuples(st.just("take_up"), names),
    st.tuples(st.just("remove"), names),
)


@pytest.mark.slow
@pytest.mark.parametrize("declaration", DECLARATIONS.values(), ids=DECLARATIONS)
@given(drops=st.lists(steps, min_size=2, max_size=8))
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="CDP_TEST_DROPS" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
def test_drops_in_any_order_give_what_one_clean_load_gives(declaration: str, drops: list[tuple[object, ...]]) -> None:
    with club(declaration) as grown, club(declaration) as clean:
        for step, *arguments in drops:
            getattr(grown, str(step))(*arguments)
        grown.sync()
        for name in sorted(grown.rows.keys() - grown.withdrawn):
            clean.deliver(name, grown.rows[name])
        clean.sync()
        note(f"counted: {sorted(clean.rows)}")
        assert grown.staged() == clean.staged()


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("b,2,2026-03-02", "b,2,soon"),
        ("b,2,2026-03-02", "b,2,3,2026-03-02"),
        ("\nb,2,", '\n"b",2,"'),
        ("b,2,", " b ,x,"),
        ("\nb,2,2026-03-02T00:00:00Z,False", "\nb"),
    ],
)
def test_a_row_that_a_snapshot_has_and_landing_refuses_is_not_deleted(right: str, wrong: str) -> None:
    with club(DECLARATIONS["snapshots"]) as found:
        found.deliver("1.csv", [(each, 1, 1, False) for each in "abcd"])
        found.deliver("2.csv", [(each, 2, 2, False) for each in "abd"])
        path = found.settings.inbox / "club" / "members" / "2.csv"
        path.write_text(path.read_text(encoding="utf-8").replace(right, wrong), encoding="utf-8")
        found.sync()
        staged = {row[1]: (row[2], row[-1]) for row in found.staged()}

        assert staged == {"a": (2, False), "b": (1, False), "c": (1, True), "d": (2, False)}
        found.deliver("3.csv", [(each, 3, 3, False) for each in "ad"])
        found.sync()
        assert {row[1]: row[-1] for row in found.staged()} == {"a": False, "b": True, "c": True, "d": False}


@pytest.mark.parametrize(("declaration", "points"), [("by file", 2), ("snapshots", 2), ("by cursor", 3)])
def test_what_was_fetched_counts_after_a_file_of_any_name_unless_a_cursor_says_otherwise(
    declaration: str, points: int
) -> None:
    with club(DECLARATIONS[declaration]) as found:
        found.deliver("20260301T000000.000000Z-00001-of-00001.csv", [("a", 2, 1, False)])
        found.deliver("members.csv", [("a", 3, 2, False)])
        found.sync()
        assert [row[2] for row in found.staged()] == [points]


@pytest.mark.parametrize("order", [[["1.csv", "2.csv"]], [["1.csv"], ["2.csv"]], [["2.csv"], ["1.csv"]]])
def test_a_snapshot_that_comes_late_deletes_and_revives_no_one(order: list[list[str]]) -> None:
    held = {"1.csv": [("a", 1, 1, False), ("b", 1, 1, False)], "2.csv": [("a", 2, 2, False), ("c", 2, 2, False)]}
    with club(DECLARATIONS["snapshots"]) as found:
        for names_of_a_sync in order:
            for name in names_of_a_sync:
                found.deliver(name, held[name])
            found.sync()
        assert {row[1]: row[-1] for row in found.staged()} == {"a": False, "b": True, "c": False}
