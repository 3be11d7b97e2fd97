"""The first rows of a file or a source that nothing declares yet, read as landing reads files."""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from cdp_orchestration.connectors.sampling import write_sample
from cdp_orchestration.landing.batches import engine_failures_refused
from cdp_orchestration.landing.files.contents import open_delivery, unpacked
from cdp_orchestration.landing.files.file_rows import read_rows
from cdp_orchestration.landing.inbox import Delivery, problem_of_name
from cdp_orchestration.landing.raw_rows import EXTRA, arrow_engine
from cdp_orchestration.landing.refusals import (
    FAR_CELL,
    MESSAGES,
    MISSING_SHEET,
    NOT_OF_ENCODING,
    NOT_UTF8,
    OTHER_KIND,
    SEVERAL_SHEETS,
    TOO_FEW_LINES,
    WRONG_COLUMN_COUNT,
    FileRefusedError,
)
from cdp_orchestration.sources import Stream
from cdp_orchestration.sources.drafting.origins import Origin
from cdp_orchestration.sources.drafting.samples import Sample, SampleError, sample_of_rows
from cdp_orchestration.sources.file_forms import USUAL_FORMS, FileForms

# No field is declared: what is delivered is all undeclared
_UNDECLARED = Stream(source="sample", name="rows", vendor_shape="", key=(), cursor=None, fields=())
# How `cdp source add` takes what a declaration says below `files`
_REMEDIES = {
    NOT_UTF8: " Here: --with encoding=windows-1252, or what it is.",
    NOT_OF_ENCODING: " Here: --with encoding=….",
    MISSING_SHEET: " Here: --with sheet=….",
    SEVERAL_SHEETS: " Here: --with sheet=….",
    TOO_FEW_LINES: " Here: --with skip_lines=….",
}
# What was found repeats no value of these
_SHOWN = (SEVERAL_SHEETS, MISSING_SHEET, FAR_CELL, OTHER_KIND)
_OF_TEXT = (
    " Where lines stand above its header, say how many: --with skip_lines=3; where it has none, name its columns: "
    "--with columns=id,email."
)


def sample_of_file(path: Path, forms: FileForms = USUAL_FORMS) -> Sample:
    """Read the first rows of any file that landing reads: CSV, JSON, Parquet or a workbook, plain or packed.

    Args:
        path: the file.
        forms: how it is written, where that cannot be seen in it.

    Returns:
        Its rows, at most ``SAMPLE_ROWS``.

    Raises:
        SampleError: the file is not there, cannot be read, or has no rows.
    """
    if not path.is_file():
        raise SampleError(f"{path} is no file; name one with some rows of the stream, such as a CSV or a workbook.")
    status = path.stat()
    delivery = Delivery(path, path.name, status.st_size, status.st_mtime_ns)
    try:
        return sample_of_rows(_rows(replace(delivery, problem=problem_of_name(delivery)), forms))
    except FileRefusedError as refusal:
        remedy = _REMEDIES.get(refusal.reason, "")
        found = f" ({refusal.found})" if refusal.found and refusal.reason in _SHOWN else ""
        raise SampleError(f"{path} cannot be read: {MESSAGES[refusal.reason]}{found}.{remedy}") from None
    except SampleError as error:
        raise SampleError(f"{error}{_OF_TEXT if delivery.format == 'csv' else ''}") from None


def sample_of_origin(origin: Origin, forms: FileForms = USUAL_FORMS) -> Sample:
    """Return the first rows of a source, at most ``SAMPLE_ROWS``; raises FetchError or SampleError."""
    with tempfile.TemporaryDirectory(prefix="cdp-sample-") as folder:
        return sample_of_file(write_sample(origin, Path(folder)), forms)


def _rows(delivery: Delivery, forms: FileForms) -> Iterator[dict[str, Any]]:
    stream = replace(_UNDECLARED, files=forms)
    with (
        open_delivery(delivery, forms) as file,
        unpacked(file, delivery, forms) as (content, kind),
        arrow_engine() as engine,
        engine_failures_refused(),
    ):
        for raw in read_rows(content, kind, stream, engine):
            if sum(row.reason == WRONG_COLUMN_COUNT for row in raw.refused) >= max(1, raw.table.num_rows):
                raise SampleError("Most lines have another number of columns than the first.")
            for text in raw.table[EXTRA].to_pylist():
                yield json.loads(text or "{}", parse_float=str, parse_int=str)
