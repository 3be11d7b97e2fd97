"""Now is found in every stream, and every source is listed with its newest receipt."""

from cdp_orchestration.dbt.project import manifest
from cdp_orchestration.sources import shipped_streams


def test_the_newest_receipt_is_sought_in_every_stream_that_has_a_cursor() -> None:
    (model,) = (node for node in manifest()["nodes"].values() if node["name"] == "newest_receipts")
    read = {tuple(source) for source in model["sources"]}
    assert read == {("landing", stream.table) for stream in shipped_streams() if stream.cursor}
