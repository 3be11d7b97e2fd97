"""Exports as real systems write them are drafted as what they are, and landing reads every value of them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.samples import sample_of_file
from cdp_orchestration.landing.trial import try_stream
from cdp_orchestration.sources import declared_streams
from cdp_orchestration.sources.drafting.additions import add_source
from cdp_orchestration.sources.drafting.inference import Inferred, infer

EXPORTS = yaml.safe_load(Path(__file__).with_name("vendor_exports.yml").read_text(encoding="utf-8"))


def _file_of(export: dict[str, Any], folder: Path) -> Path:
    folder.mkdir(parents=True)
    path = folder / ("rows.jsonl" if export["rows"].startswith("{") else "rows.csv")
    path.write_text(export["rows"], encoding="utf-8")
    return path


def _said(found: Inferred) -> dict[str, Any]:
    """Return the guesses as the file of exports has them; what was not found is left out."""
    did = found.interaction
    money = did.money if did else None
    parts = {
        "key": list(found.key),
        "cursor": found.cursor,
        "deleted": found.deleted and found.deleted[0],
        "person": {part: _one_or_more(names) for part, names in found.meanings.items()} if found.is_person else None,
        "consents": [[*each[:2], list(each[2]), list(each[3])] for each in found.consents],
        "did": did and {
            "occurred_at": did.occurred_at,
            "event": did.event,
            "amount": money and money.amount,
            "currency": money and (money.currency or money.currency_code),
            "campaign": did.campaign,
            "score": did.answer.score,
            "survey": did.answer.survey,
            "comment": did.answer.comment,
            "uncounted": money and money.uncounted and [money.uncounted[0], *money.uncounted[1]],
            "taxonomy": {word: kind.touchpoint_type for word, kind in did.taxonomy.items()},
        },
        "written": {name: form.words for name, form in found.forms.items() if form.words and form.kind != "score"},
    }  # fmt: skip
    if parts["did"]:
        parts["did"] = {name: value for name, value in parts["did"].items() if value}
    return {name: value for name, value in parts.items() if value}


def _one_or_more(names: tuple[str, ...]) -> str | list[str]:
    return names[0] if len(names) == 1 else list(names)


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: f"{export['vendor']} {export['stream']}")
def test_an_export_is_drafted_as_what_it_is(tmp_path: Path, export: dict[str, Any]) -> None:
    found = infer(sample_of_file(_file_of(export, tmp_path / "rows")), export["stream"])
    assert _said(found) == {name: said for name, said in export.items() if name not in ("vendor", "stream", "rows")}


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: f"{export['vendor']} {export['stream']}")
def test_landing_refuses_nothing_of_what_was_drafted(tmp_path: Path, export: dict[str, Any]) -> None:
    home, stream = Settings(home=tmp_path / "home"), export["stream"]
    path = _file_of(export, home.inbox / "vendor" / stream)
    add_source(home, f"vendor/{stream}", infer(sample_of_file(path), stream))
    (declared,) = (each for each in declared_streams(home) if each.source == "vendor")

    trial = try_stream(declared, home)

    assert trial.refused == ()
    assert trial.landed.rows_landed == trial.rows_read > 0
