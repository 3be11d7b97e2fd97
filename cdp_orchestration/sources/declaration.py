"""The declaration of a source, as its YAML file has it."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from cdp_orchestration.connectors.databases.declaration import Database
from cdp_orchestration.connectors.files.declaration import Files
from cdp_orchestration.connectors.rest.declaration import Rest
from cdp_orchestration.sources.field import LANDED_COLUMNS
from cdp_orchestration.sources.field_declaration import AMOUNTS, TIMES, FieldDeclaration
from cdp_orchestration.sources.file_forms import USUAL_FORMS, FileForms
from cdp_orchestration.sources.interaction_mapping import DEFAULT_EVENT, InteractionMapping
from cdp_orchestration.sources.kinds import KINDS
from cdp_orchestration.sources.limits import SURVEY_SCALES
from cdp_orchestration.sources.mappings import (
    Declared,
    DeletedRows,
    FieldNames,
    Meaning,
    Owner,
    PersonMapping,
    PlacedError,
    PlainText,
    Word,
)
from cdp_orchestration.sources.personal_data_declaration import PersonalDataDeclaration
from cdp_orchestration.sources.schema_contract import USUAL_CONTRACT, SchemaContract
from cdp_orchestration.sources.timeliness import Freshness, Schedule
from cdp_orchestration.sources.vendor_names import Words, check_vendor_names

Connection = Annotated[Rest | Database | Files, Field(discriminator="kind")]
CURRENCIES = ("currency",)
SCORES = ("score",)
OCCURRENCES = ("occurrence", "timestamp")


class StreamDeclaration(Declared):
    """One stream: ``inbox/<source>/<stream>/*`` becomes ``landing.<source>_<stream>``."""

    vendor: PlainText = Field("row", description="What one row is in the vendor's words, such as Salesforce Contact.")
    grain: Meaning | None = Field(None, description="What one row of the staging model is.")
    key: FieldNames = Field(min_length=1, description="The fields that together name a row.")
    cursor: PlainText | None = Field(None, description="The time by which the newest version of a row is found.")
    staged_key: Word | None = Field(None, description="The column of staging that names a row.")
    renames: dict[str, PlainText] = Field(
        {}, description="The vendor's name of a field, and the declared one, or a member of it such as customer.id."
    )
    values: dict[PlainText, Words] = Field(
        {}, description="By field, or member of one: the vendor's words, and the one that each stands for."
    )
    fields: dict[PlainText, FieldDeclaration] = Field(description="Its columns: a kind each, or more about it.")
    schema_contract: SchemaContract = Field(
        USUAL_CONTRACT, description="What happens to columns that are new, missing or of another type."
    )
    files: FileForms = Field(USUAL_FORMS, description="How its files are written, where that cannot be seen in them.")
    derived: dict[Word, Meaning | None] = Field({}, description="Columns that a staging model of one's own computes.")
    from_: Connection | None = Field(None, alias="from", description="Where its rows are fetched; without it, files.")
    freshness: Freshness | Literal[False] | None = Field(
        None, description="How old its newest delivery may become; without it as its source says; false for any age."
    )
    deleted: DeletedRows | None = Field(None, description="How it shows that a row was deleted.")
    person: PersonMapping | None = Field(None, description="Of rows that are people: which field is what of one.")
    interaction: InteractionMapping | None = Field(
        None, description="Of rows that are what somebody did: which is what."
    )
    personal_data: PersonalDataDeclaration | None = Field(
        None, description="What its fields say about people; without it as the mapping says."
    )

    @property
    def only_time(self) -> str | None:
        """The field that alone says when the interaction of a row occurred; None where there is none or a cursor."""
        return self.interaction.occurred_at if self.interaction and not self.cursor else None

    @model_validator(mode="after")
    def _has_a_column_for_each_field(self) -> Self:
        known: dict[str, str] = {}
        for name in self.fields:
            if name.lower() in LANDED_COLUMNS:
                raise ValueError(f"field {name} has the name of a column that landing adds; rename it with `renames`")
            if (other := known.setdefault(name.lower(), name)) != name:
                raise ValueError(
                    f"fields {other} and {name} differ in the case of letters alone, and a table has one column for "
                    "both; declare one of them"
                )
        return self

    @model_validator(mode="after")
    def _names_its_own_fields(self) -> Self:
        check_vendor_names(self.fields, self.renames, self.values)
        for part, name in self._named_fields():
            if name not in self.fields:
                near = get_close_matches(name, self.fields, n=1)
                meant = f"; did you mean {near[0]}?" if near else ""
                raise PlacedError(
                    f"{part} names field {name}, which is not declared; declared are {self._listed()}{meant}",
                    *part.split("."),
                    found=name,
                )
        for name, declared in self.fields.items():
            unknown = sorted(set(declared.limits) - KINDS[declared.kind].arguments)
            if unknown:
                message = f"field {name}: kind {declared.kind} takes no {', '.join(unknown)}"
                raise PlacedError(message, "fields", name, unknown[0])
        if self.cursor and self.fields[self.cursor].kind not in TIMES:
            kind = self.fields[self.cursor].kind
            raise PlacedError(f"the cursor {self.cursor} is of kind {kind}; expected a timestamp", "cursor")
        if self.interaction and not self.interaction.of and not self.person:
            message = "interaction names no record; expected `of`, or a person in the same row"
            raise PlacedError(message, "interaction")
        if self.interaction and DEFAULT_EVENT not in self.interaction.taxonomy:
            message = 'interaction.taxonomy has no row "*"; expected one for events that no other row names'
            raise PlacedError(message, "interaction", "taxonomy")
        return self

    @model_validator(mode="after")
    def _maps_fields_of_the_right_kind(self) -> Self:
        mapped = self.interaction
        expected = (
            (
                (mapped.occurred_at, OCCURRENCES),
                (mapped.amount, AMOUNTS),
                (mapped.currency, CURRENCIES),
                (mapped.score, SCORES),
            )
            if mapped
            else ()
        )
        for name, kinds in expected:
            if name and self.fields[name].kind not in kinds:
                kind = self.fields[name].kind
                message = f"interaction: {name} is of kind {kind}; expected {' or '.join(kinds)}"
                raise PlacedError(message, "interaction", found=name)
        unstaged = {name for name, field in self.fields.items() if field.staged is False}
        for part, name in self._staged_fields():
            if name in unstaged:
                message = f"{part} names field {name}, which staging does not carry; leave out `staged: false`"
                raise PlacedError(message, *part.split("."), found=name)
        return self

    @model_validator(mode="after")
    def _joins_days_with_texts(self) -> Self:
        for name, declared in self.fields.items():
            kind = self.fields[declared.time_in].kind if declared.time_in else "text"
            if kind != "text":
                message = f"field {name}: time_in names {declared.time_in}, of kind {kind}; expected a text"
                raise PlacedError(message, "fields", name, "time_in")
        return self

    @model_validator(mode="after")
    def _compares_truth_with_truth(self) -> Self:
        for part, name, values in self._compared_values():
            wrong = [value for value in values if str(value).lower() not in ("true", "false")]
            if self.fields[name].kind == "boolean" and wrong:
                message = f"{part} compares {name}, a boolean, with {wrong[0]}; expected true or false"
                raise PlacedError(message, *part.split("."), found=str(wrong[0]))
        return self

    def _compared_values(self) -> Iterator[tuple[str, str, tuple[str | bool | int, ...]]]:
        if self.deleted and self.deleted.field:
            yield "deleted", self.deleted.field, self.deleted.values
        for consent in self.person.consents if self.person else ():
            yield "person.consents", consent.field, (*consent.granted, *consent.refused)
        marks = self.interaction.marks if self.interaction else ()
        yield from (("interaction", mark.field, mark.values) for mark in marks)

    @model_validator(mode="after")
    def _deletes_by_whole_fetches(self) -> Self:
        if self.from_ and self.deleted and self.deleted.absent_from_snapshot and not self.from_.gives_snapshots:
            message = "absent_from_snapshot needs fetches that each bring every row; leave out the cursor"
            raise PlacedError(message, "deleted", "absent_from_snapshot")
        return self

    @model_validator(mode="after")
    def _has_files_of_a_form_that_it_can_have(self) -> Self:
        required = (*self.key, self.cursor) if self.cursor else self.key
        fetched_by = self.from_.kind if isinstance(self.from_, Rest | Database) else None
        problem = self.files.problem_with(required, self.renames, fetched_by)
        if problem:
            raise PlacedError(problem, "files")
        return self

    def _named_fields(self) -> Iterator[tuple[str, str]]:
        yield from (("key", name) for name in self.key)
        yield from (("cursor", name) for name in [self.cursor] if name)
        yield from ((f"fields.{name}.time_in", each.time_in) for name, each in self.fields.items() if each.time_in)
        yield from ((f"fields.{name}.survey", survey) for name in self.fields if (survey := self.survey_field(name)))
        if self.deleted and self.deleted.field:
            yield "deleted", self.deleted.field
        for consent in self.person.consents if self.person else ():
            yield from (("person.consents", name) for name in (consent.field, consent.stated_at) if name)
        if said := self.personal_data:
            named = (path.partition(".")[0] for path in (*said.named_by, *said.roles))
            yield from (("personal_data", name) for name in (*named, said.where) if name)
        yield from self._staged_fields()

    def _staged_fields(self) -> Iterator[tuple[str, str]]:
        """Yield the fields that models read from staging, with the part of the declaration that names each."""
        if self.person:
            yield from ((f"person.{column}", name) for column, name in self.person.single_fields.items())
            lists = {**self.person.list_fields, **{f"identifiers.{k}": v for k, v in self.person.identifiers.items()}}
            yield from ((f"person.{column}", name) for column, names in lists.items() for name in names)
        if self.interaction:
            yield from (("interaction", name) for name in self.interaction.named_fields)
            survey = self.survey_field(self.interaction.score)
            yield from ([("interaction.score", survey)] if survey else ())

    def survey_field(self, score: str | None) -> str | None:
        """Return the field that names the survey of a score, None where it is the same one in each row."""
        declared = self.fields.get(score) if score else None
        survey = declared.survey if declared else None
        return None if survey in SURVEY_SCALES else survey

    def _listed(self) -> str:
        return ", ".join(self.fields)


class SourceDeclaration(Declared):
    """A source: its name in the tables, who answers for it, its streams."""

    source: Word = Field(description="The word for the source in every table, such as crm.")
    label: PlainText | None = Field(None, description="Its name for people; without it the word above.")
    owner: Owner = Field("team:data-engineering", description="Who answers for it: team:<name>, or a mail address.")
    schedule: Schedule | None = Field(None, description="When it is loaded by itself, apart from the other sources.")
    freshness: Freshness | Literal[False] | None = Field(
        None, description="How old the newest delivery of each stream may become; false for any age."
    )
    streams: dict[Word, StreamDeclaration] = Field(min_length=1, description="Its streams, by the word for each.")
