"""Now is found in every stream, and every source is listed with its newest receipt."""

import re

from cdp_orchestration.home.settings import PROJECT_ROOT
from cdp_orchestration.streams import STREAMS

MODELS = PROJECT_ROOT / "dbt_project" / "models"


def _model(name: str) -> str:
    (file,) = MODELS.rglob(f"{name}.sql")
    return file.read_text(encoding="utf-8")


def test_the_newest_receipt_is_sought_in_every_stream_that_has_a_cursor() -> None:
    sought = dict(re.findall(r"'(\w+)': '(\w+)'", _model("newest_receipts")))
    assert sought == {stream.table: stream.cursor for stream in STREAMS if stream.cursor}


def test_every_source_has_a_newest_receipt() -> None:
    listed = re.findall(r"'(\w+)'", _model("source_receipts").splitlines()[0])
    assert listed == sorted({stream.source for stream in STREAMS})


def test_corrected_times_are_sought_in_every_stream_that_has_a_time() -> None:
    sought = set(re.findall(r"\('(\w+)', '(\w+)', '(\w+)', '(\w+)'\)", _model("time_corrections")))
    timed = [stream for stream in STREAMS if any(field.type == "timestamp" for field in stream.fields)]
    assert sought == {(stream.source, stream.name, *stream.key, stream.cursor) for stream in timed}
