"""Now is found in every stream, and so are wrong clocks."""

from cdp_orchestration.dbt.project import manifest
from cdp_orchestration.sources import shipped_streams


def _streams_read_by(name: str) -> set[str]:
    (model,) = (node for node in manifest()["nodes"].values() if node["name"] == name)
    return {table for _, table in model["sources"]}


def test_the_newest_receipt_is_sought_in_every_stream_that_has_a_cursor() -> None:
    assert _streams_read_by("newest_receipts") == {stream.table for stream in shipped_streams() if stream.cursor}


def test_corrected_times_are_sought_in_every_stream_that_has_a_time() -> None:
    timed = [stream for stream in shipped_streams() if any(field.type == "timestamp" for field in stream.fields)]
    assert _streams_read_by("time_corrections") >= {stream.table for stream in timed}
