"""A stream: its fields, its key, its cursor, and what staging makes of its rows."""

import dataclasses
from dataclasses import dataclass

from cdp_orchestration.sources.declaration import StreamDeclaration
from cdp_orchestration.sources.field import Field, StagedColumn
from cdp_orchestration.sources.file_forms import USUAL_FORMS, FileForms
from cdp_orchestration.sources.personal_data import PersonalData
from cdp_orchestration.sources.schema_contract import USUAL_CONTRACT, SchemaContract
from cdp_orchestration.sources.timeliness import Freshness


@dataclass(frozen=True)
class Stream:
    """One stream of one source: ``inbox/<source>/<name>/*`` becomes ``landing.<source>_<name>``.

    ``key`` and ``cursor`` are the required fields; of several versions of a key the newest by cursor counts.
    ``staged_grain`` says what one row of ``staging.stg_<source>__<name>`` is; ``staged_key`` is its primary key where
    the key has several fields. ``renames`` are names of the vendor with the field that each means, or the member of a
    JSON field, as in ``customer.id``; ``values`` the vendor's words by field or member. Of a stream that
    an installation declares (``is_own``) the models are generated from ``mapping``. ``schema_contract`` says what
    happens to columns and values of another form.
    """

    source: str
    name: str
    vendor_shape: str
    key: tuple[str, ...]
    cursor: str | None
    fields: tuple[Field, ...]
    staged_grain: str = ""
    staged_key: str | None = None
    derived: tuple[StagedColumn, ...] = ()
    renames: tuple[tuple[str, str], ...] = ()
    values: tuple[tuple[str, tuple[tuple[str, str | None], ...]], ...] = ()
    schema_contract: SchemaContract = USUAL_CONTRACT
    files: FileForms = USUAL_FORMS
    owner: str = "team:data-engineering"
    is_own: bool = False
    declaration: str = ""  # of what a home declares: a digest of all that decides how its files land
    mapping: StreamDeclaration | None = dataclasses.field(default=None, compare=False)
    freshness: Freshness | None = dataclasses.field(default=None, compare=False)
    personal_data: PersonalData | None = dataclasses.field(default=None, compare=False)

    @property
    def table(self) -> str:
        """The stream's table in the landing schema and its Dagster asset name."""
        return f"{self.source}_{self.name}"

    @property
    def staging_model(self) -> str:
        """The dbt model that makes one row a key of the delivered versions."""
        return f"stg_{self.source}__{self.name}"

    @property
    def required(self) -> tuple[str, ...]:
        """Fields that every row must fill."""
        return (*self.key, self.cursor) if self.cursor else self.key

    @property
    def only_time(self) -> str | None:
        """The field that alone says when the interaction of a row occurred; without it the row counts nowhere."""
        return self.mapping.only_time if self.is_own and self.mapping else None

    @property
    def staged_columns(self) -> tuple[StagedColumn, ...]:
        """The columns of the staging model with their descriptions, the primary key first."""
        carried = (StagedColumn(field.staged_name, field.description) for field in self.fields if field.staged_name)
        columns = (*carried, *self.derived)
        return tuple(sorted(columns, key=lambda column: column.name != self.staged_primary_key))

    @property
    def staged_primary_key(self) -> str:
        """The column of the staging model that no two rows share.

        Raises:
            ValueError: neither the stream nor the one field of its key names it.
        """
        carried = {field.name: field.staged_name for field in self.fields}
        column = self.staged_key or (carried.get(self.key[0]) if len(self.key) == 1 else None)
        if not column:
            raise ValueError(
                f"Stream {self.table} with key {', '.join(self.key)} has no primary key in staging; expected a key of "
                "one field that staging carries. Name the staged column of that field, or set staged_key."
            )
        return column
