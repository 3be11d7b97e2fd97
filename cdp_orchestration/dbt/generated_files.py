"""Writes the files of the dbt project that repeat what is declared elsewhere; run after a change of a declaration.

    python -m cdp_orchestration.dbt.generated_files

A test fails while a file is not what this command writes.
"""

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

import yaml

from cdp_orchestration.dbt.known_values import known_values
from cdp_orchestration.dbt.own_models import (
    amount_model,
    interaction_model,
    own_models,
    person_model,
    rated_text_model,
    text_model,
)
from cdp_orchestration.dbt.own_rows import own_consents, own_seed_rows, referred_record_types
from cdp_orchestration.dbt.profile_declarations import column_macros, derived_tables, profile_columns
from cdp_orchestration.dbt.stream_declarations import stream_declarations
from cdp_orchestration.home.settings import DBT_PROJECT_DIR
from cdp_orchestration.sources import Stream, shipped_streams

COMMAND = "make generate"
PROFILES_CONTRACT = DBT_PROJECT_DIR / "models" / "profiles" / "_profiles__models.yml"
_STREAMS_SUFFIX = "__streams.yml"


def generated_files(streams: Sequence[Stream] | None = None) -> dict[Path, str]:
    """Return the text of every generated file by its path in the dbt project.

    Args:
        streams: the streams of a home; those that ship, where none are given.

    Returns:
        The declarations and macros that follow from the streams and the contract of ``profiles``. Streams that an
        installation declares have their models as well, and the seeds with the rows that they add.
    """
    streams = shipped_streams() if streams is None else streams
    columns = profile_columns(yaml.safe_load(PROFILES_CONTRACT.read_text(encoding="utf-8")))
    contract = f"profiles in {PROFILES_CONTRACT.relative_to(DBT_PROJECT_DIR)}"
    return {
        **{path: _yaml("cdp_orchestration/sources/", text) for path, text in _streams_files(streams)},
        Path("models/profiles/_profiles__derived.yml"): _yaml(contract, derived_tables(columns)),
        Path("macros/profile_columns.sql"): _sql(contract, column_macros(columns)),
        Path("macros/known_values.sql"): _sql("expectations/known_values.py", _known_values_macro(streams)),
        Path("macros/declared_streams.sql"): _sql("cdp_orchestration/sources/", _streams_macros(streams)),
        **dict(_own_files(streams)),
    }


def stale_files(project: Path = DBT_PROJECT_DIR) -> list[Path]:
    """Return the files that are not what would be written now: other text, not there, or of a source without streams.

    Args:
        project: the folder of the dbt project.
    """
    expected = generated_files()
    changed = [path for path, text in expected.items() if _text_of(project / path) != text]
    return changed + [path for path in _streams_files_in(project) if path not in expected]


def write_generated_files(project: Path = DBT_PROJECT_DIR) -> list[Path]:
    """Write what is stale, delete what has no streams any more, and return the paths of both."""
    expected, stale = generated_files(), stale_files(project)
    for path in stale:
        if path in expected:
            (project / path).parent.mkdir(parents=True, exist_ok=True)
            (project / path).write_text(expected[path], encoding="utf-8")
        else:
            (project / path).unlink()
    return stale


def _streams_files(streams: Sequence[Stream]) -> Iterable[tuple[Path, str]]:
    for source, declared in groupby(streams, key=lambda stream: stream.source):
        yield Path(f"models/staging/{source}/_{source}{_STREAMS_SUFFIX}"), stream_declarations(declared)


def _streams_files_in(project: Path) -> list[Path]:
    return sorted(path.relative_to(project) for path in project.glob(f"models/staging/*/_*{_STREAMS_SUFFIX}"))


def _known_values_macro(streams: Sequence[Stream]) -> str:
    entries = (
        line
        for name, values in known_values(streams).items()
        for line in (f"        '{name}': [", *(f"            '{value}'," for value in values), "        ],")
    )
    return "\n".join(
        (
            "{# The values that a column of words can have, by the name of their list. #}",
            "{% macro known_values(name) -%}",
            "    {{ return({",
            *entries,
            "    }[name]) }}",
            "{%- endmacro %}",
            "",
        )
    )


def _streams_macros(streams: Sequence[Stream]) -> str:
    lists: dict[str, tuple[str, Sequence[object]]] = {
        "declared_streams": (
            "The streams: key, cursor, the time by which their newest receipt is known, whether any field is a time.",
            [_facts_of(stream) for stream in streams],
        ),
        "own_person_models": ("Models of an installation's own person records.", _named(person_model, streams)),
        "own_interaction_models": ("Models of its own interactions.", _named(interaction_model, streams)),
        "own_amount_models": ("Those of them that move money.", _named(amount_model, streams)),
        "own_text_models": ("Those of them in which customers wrote.", _named(text_model, streams)),
        "own_rated_text_models": ("Those in which a score stands beside it.", _named(rated_text_model, streams)),
        "referred_record_types": ("Person records whose ids other records name.", referred_record_types(streams)),
        "own_consents": (
            "Statements of consent in its own streams.",
            [consent for stream in streams for consent in own_consents(stream)],
        ),
    }
    return "\n".join(line for name, (means, values) in lists.items() for line in _list_macro(name, means, values))


def _named(name: Callable[[Stream], str | None], streams: Iterable[Stream]) -> list[str]:
    return [found for stream in streams if (found := name(stream))]


def _facts_of(stream: Stream) -> dict[str, object]:
    return {
        "source": stream.source,
        "name": stream.name,
        "key": list(stream.key),
        "cursor": stream.cursor or "",
        # Without a time of change, what happened last was received last.
        "receipt": stream.cursor or _occurred_at(stream) or "",
        "has_times": any(field.type == "timestamp" for field in stream.fields),
    }


def _occurred_at(stream: Stream) -> str | None:
    mapped = stream.mapping.interaction if stream.is_own and stream.mapping else None
    return mapped.occurred_at if mapped else None


def _list_macro(name: str, means: str, values: Sequence[object]) -> Iterator[str]:
    items = ",\n".join(f"        {json.dumps(value, ensure_ascii=False)}" for value in values)
    yield f"{{# {means} #}}"
    yield f"{{% macro {name}() -%}}"
    yield f"    {{{{ return([\n{items}\n    ]) }}}}" if items else "    {{ return([]) }}"
    yield "{%- endmacro %}"
    yield ""


def _own_files(streams: Sequence[Stream]) -> Iterator[tuple[Path, str]]:
    """Yield what a home's own streams add to the project: their models, and the seeds with their rows."""
    own = [stream for stream in streams if stream.is_own]
    for stream in own:
        for name, text in own_models(stream).items():
            yield Path(f"models/staging/{stream.source}/{name}.sql"), text
    for seed, rows in own_seed_rows(own).items():
        if rows:
            shipped = (DBT_PROJECT_DIR / "seeds" / f"{seed}.csv").read_text(encoding="utf-8")
            lines = io.StringIO()
            csv.writer(lines, lineterminator="\n").writerows(rows)
            yield Path(f"seeds/{seed}.csv"), f"{shipped.rstrip()}\n{lines.getvalue()}"


def _yaml(origin: str, text: str) -> str:
    return f"# Generated from {origin} by `{COMMAND}`; do not edit.\n{text}"


def _sql(origin: str, text: str) -> str:
    return f"{{# Generated from {origin} by `{COMMAND}`; do not edit. #}}\n{text}"


def _text_of(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


if __name__ == "__main__":
    for written in write_generated_files():
        sys.stdout.write(f"{written}\n")
