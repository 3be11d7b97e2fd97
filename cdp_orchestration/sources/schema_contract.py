"""What happens to columns and values of another form than declared, in the words that dlt has for it."""

from typing import Literal

from pydantic import Field

from cdp_orchestration.sources.mappings import Declared

NewColumns = Literal["evolve", "freeze", "discard_row", "discard_value"]
MissingColumns = Literal["evolve", "freeze"]
RetypedValues = Literal["evolve", "freeze", "discard_row", "discard_value"]


class SchemaContract(Declared):
    """The contract of a stream's schema: whether it may change, and what is kept of a row that has changed.

    Without a word, columns that are not declared are kept beside the declared ones, missing ones are empty, and a value
    of another type costs its row or, where the kind of its field allows it, itself alone; a file of which most values
    of a column are of another type is refused.
    """

    new: NewColumns = Field(
        "evolve",
        description="A column that is not declared: evolve keeps it in _extra, freeze refuses the file, discard_row "
        "refuses the rows that fill it, discard_value does not store it.",
    )
    missing: MissingColumns = Field(
        "evolve",
        description="A declared column that no row of a file has: evolve leaves it empty, freeze refuses the file.",
    )
    retyped: RetypedValues | None = Field(
        None,
        description="A value that is not of its declared type: evolve keeps its text in _extra, freeze refuses the "
        "file, discard_row the row, discard_value the value. A row without its key is refused in any case.",
    )


USUAL_CONTRACT = SchemaContract.model_validate({})
"""That of a stream whose declaration says nothing of it."""
