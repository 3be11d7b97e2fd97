"""``operations.stage_builds``: one row per stage, what its tables were built from and whether they fit together.

A build is noted before it begins and when it ends. A run that is killed in between leaves the first note, so that a
stage counts as complete only when a build of all its tables has ended.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal
from uuid import uuid4

import duckdb

from cdp_orchestration.home.warehouse import has_table

Status = Literal["building", "complete", "mixed", "failed"]
StartedBy = Literal["sync", "hand"]

_COLUMNS = {
    "stage": "varchar",
    "status": "varchar",
    "state": "varchar",
    "inputs": "varchar",
    "continues_from": "varchar",
    "part": "varchar[]",
    "is_refresh_due": "boolean",
    "run_id": "varchar",
    "started_by": "varchar",
    "noted_at": "timestamp",
}


@dataclass(frozen=True)
class StageBuild:
    """The newest build of a stage.

    Attributes:
        stage: the stage.
        status: ``complete`` when all tables were built from the same inputs; ``mixed`` when a part was built from
            others; ``failed`` when a model or a test failed; ``building`` until the build has ended.
        state: names what the tables hold; it changes with whatever they were built from.
        inputs: what they were built from: the name of each input and its state.
        continues_from: the live release from which the tables that grow from release to release were continued.
        part: the tables that were built, if not all of them.
        is_refresh_due: whether the tables that are built by touched profile must be built anew, because one of them
            was built while the numbers of the touched profiles were not those of its inputs.
        run_id: the run of the build.
        started_by: whether a sync or a person started that run.
    """

    stage: str
    status: Status
    state: str
    inputs: Mapping[str, str]
    continues_from: str | None = None
    part: Sequence[str] = field(default_factory=tuple)
    is_refresh_due: bool = False
    run_id: str = ""
    started_by: StartedBy = "sync"

    @property
    def is_complete(self) -> bool:
        """Whether all tables were built from the same inputs."""
        return self.status == "complete"


def read_builds(connection: duckdb.DuckDBPyConnection) -> dict[str, StageBuild]:
    """Return the newest build of each stage that was ever built; a connection that only reads will do."""
    if not has_table(connection, "operations", "stage_builds"):
        return {}
    names = [name for name in _COLUMNS if name != "noted_at"]
    rows = connection.execute(f"select {', '.join(names)} from operations.stage_builds").fetchall()
    records = (dict(zip(names, row, strict=True)) for row in rows)
    return {
        record["stage"]: StageBuild(**{**record, "inputs": json.loads(record["inputs"]), "part": tuple(record["part"])})
        for record in records
    }


def note_begin(connection: duckdb.DuckDBPyConnection, build: StageBuild) -> StageBuild:
    """Note that a build begins; until it ends, the state of the stage equals no other.

    Args:
        connection: the warehouse.
        build: the build as it will be when it succeeds.

    Returns:
        The same build, for ``note_end``.
    """
    _store(connection, replace(build, status="building", state=f"unfinished {uuid4().hex}"))
    return build


def note_end(connection: duckdb.DuckDBPyConnection, build: StageBuild, *, is_failed: bool = False) -> None:
    """Note how a build has ended.

    Args:
        connection: the warehouse.
        build: as ``note_begin`` returned it.
        is_failed: whether a model or a test failed; the tables then hold something of both builds.
    """
    if is_failed:
        # What was due before this build is due after it as well.
        build = replace(build, status="failed", is_refresh_due=read_builds(connection)[build.stage].is_refresh_due)
    if build.status != "complete":
        build = replace(build, state=f"{build.status} {uuid4().hex}")
    _store(connection, build)


def _store(connection: duckdb.DuckDBPyConnection, build: StageBuild) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
    noted_at = datetime.now(UTC).replace(tzinfo=None)
    values = {
        **vars(build),
        "inputs": json.dumps(dict(build.inputs), sort_keys=True),
        "part": list(build.part),
        "noted_at": noted_at,
    }
    connection.begin()
    connection.execute(f"create table if not exists operations.stage_builds ({columns})")
    connection.execute("delete from operations.stage_builds where stage = ?", [build.stage])
    connection.execute(
        f"insert into operations.stage_builds ({', '.join(_COLUMNS)}) values ({', '.join('?' for _ in _COLUMNS)})",
        [values[name] for name in _COLUMNS],
    )
    connection.commit()
