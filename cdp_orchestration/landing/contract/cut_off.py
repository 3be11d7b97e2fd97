"""A file whose last line is cut off is still being written: it is refused until it is whole."""

import re

from cdp_orchestration.landing.contract.checked_rows import CheckedRows
from cdp_orchestration.landing.raw_rows import SOURCE_LINE, OpenEnd, RawRows
from cdp_orchestration.landing.refusals import UNFINISHED_FILE, FileRefusedError

_TIME = re.compile("0000-00-00[T ]00|00?[-./]00?[-./]0000 0")


def refuse_if_cut_off(raw: RawRows, checked: CheckedRows) -> None:
    """Refuse a file whose last line has no end and is broken where a cut would break it: it is still being written."""
    end = raw.open_end
    if end is None:
        return
    for row in checked.refused:
        if row.source_line == end.line and row.field in (None, end.column):
            raise FileRefusedError(UNFINISHED_FILE, found=f"line {end.line}")
    if _is_time_cut_off(raw, end):
        raise FileRefusedError(UNFINISHED_FILE, found=f"line {end.line}")


def _is_time_cut_off(raw: RawRows, end: OpenEnd) -> bool:
    """Return whether the last value is a time that is shorter than all others: a part of a time may be a time too."""
    if end.column not in raw.table.column_names or not raw.table.num_rows:
        return False
    *others, last = raw.table[end.column].to_pylist()
    forms = {_form_of_time(other) for other in others if other}
    if len(forms) != 1 or not last or raw.table[SOURCE_LINE][-1].as_py() != end.line:
        return False
    (form,) = forms
    return bool(_TIME.match(form)) and len(_form_of_time(last)) < len(form)


def _form_of_time(written: str) -> str:
    return re.sub("[0-9]", "0", re.sub(r"\.[0-9]+", "", written.strip()))
