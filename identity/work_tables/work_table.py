"""The description of one work table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class WorkTable:
    """One table or view that modules pass to each other.

    Attributes:
        name: its name; a part in angle brackets, such as <pairs>, is the name of another table or a model version.
        grain: what one row is.
        columns: its columns in order, after all changes. A name in angle brackets stands for several columns:
            <comparison> for each comparison of the model, <column> for each column with term frequencies,
            attribute_<column> for each attribute of the caller, <list>_bits for each list column of a unit.
        made_by: the functions that create it, as room.module.function; several where resolutions differ.
        changed_by: the functions that replace it, or that insert, update or delete rows.
    """

    name: str
    grain: str
    columns: tuple[str, ...]
    made_by: tuple[str, ...]
    changed_by: tuple[str, ...] = ()


def work_table(name: str, grain: str, columns: str, made_by: str, changed_by: str = "") -> WorkTable:
    """A work table from texts in which columns and functions are separated by spaces."""
    return WorkTable(name, grain, tuple(columns.split()), tuple(made_by.split()), tuple(changed_by.split()))
