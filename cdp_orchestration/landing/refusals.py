"""Why a row or a whole file is refused: short codes for counting, sentences for reading.

A reason never quotes a value, so that it may appear in logs and in run metadata.
"""

from dataclasses import dataclass
from typing import Final

from cdp_orchestration.errors import CdpError
from cdp_orchestration.sources.limits import MAX_NESTING, MAX_UNPACKED_BYTES, MAX_UNPACKED_RATIO

# Rows
BROKEN_QUOTE: Final = "broken_quote"
WRONG_COLUMN_COUNT: Final = "wrong_column_count"
INVALID_JSON: Final = "invalid_json"
NOT_AN_OBJECT: Final = "not_an_object"
MISSING_VALUE: Final = "missing_required_value"
NOT_AN_INTEGER: Final = "not_an_integer"
NOT_A_DECIMAL: Final = "not_a_decimal"
NOT_A_BOOLEAN: Final = "not_a_boolean"
NOT_A_DATE: Final = "not_a_date"
NOT_A_TIMESTAMP: Final = "not_a_timestamp"
LATER_THAN_RECEIPT: Final = "later_than_receipt"
BEFORE_FIRST_TIME: Final = "before_1990"
NOT_JSON: Final = "not_json"
UNDECLARED_VALUE: Final = "undeclared_value"
LOST_DIGITS: Final = "lost_digits"
GRAPHQL_ID: Final = "graphql_id"
NEGATIVE_AMOUNT: Final = "negative_amount"
OUT_OF_RANGE: Final = "out_of_range"
OFF_SCALE: Final = "off_its_scale"
NOT_OF_PATTERN: Final = "not_of_its_pattern"
ERASED_PERSON: Final = "erased_person"
TEXT_TOO_LONG: Final = "text_too_long"
WRONG_FORM: Final = "wrong_json_form"
NESTED_TOO_DEEPLY: Final = "nested_too_deeply"
FIELD_TOO_LARGE: Final = "field_too_large"
# Files
EMPTY_FILE: Final = "empty_file"
UNKNOWN_FORMAT: Final = "unknown_format"
OTHER_KIND: Final = "other_kind_of_file"
NOT_UTF8: Final = "not_utf8"
NOT_OF_ENCODING: Final = "not_of_encoding"
NOT_GZIP: Final = "not_gzip"
TRUNCATED_GZIP: Final = "truncated_gzip"
BROKEN_ZSTANDARD: Final = "broken_zstandard"
UNPACKED_TOO_LARGE: Final = "unpacked_too_large"
NO_TEMPORARY_SPACE: Final = "no_temporary_space"
NOT_PROCESSABLE: Final = "not_processable"
NOT_PARQUET: Final = "not_parquet"
UNSUPPORTED_TYPE: Final = "unsupported_type"
MISSING_SHEET: Final = "missing_sheet"
SEVERAL_SHEETS: Final = "several_sheets"
FAR_CELL: Final = "far_cell"
BROKEN_HEADER: Final = "broken_header"
TOO_FEW_LINES: Final = "too_few_lines"
DUPLICATE_COLUMN: Final = "duplicate_column"
LINE_TOO_LONG: Final = "line_too_long"
AMBIGUOUS_COLUMN: Final = "ambiguous_column"
MISSING_COLUMN: Final = "missing_required_column"
NEW_COLUMN: Final = "new_column"
MISSING_DECLARED_COLUMN: Final = "missing_column"
FROZEN_TYPE: Final = "frozen_type"
RETYPED_COLUMN: Final = "retyped_required_column"
RETYPED_OPTIONAL_COLUMN: Final = "retyped_column"
NO_GOOD_ROW: Final = "no_good_row"
ADMIN_EXPORT: Final = "admin_export"
GRAPHQL_EXPORT: Final = "graphql_export"
BROKEN_DOCUMENT: Final = "broken_json_document"
DOCUMENT_TOO_LARGE: Final = "json_document_too_large"
AMBIGUOUS_ENVELOPE: Final = "ambiguous_envelope"
UNFINISHED_FILE: Final = "unfinished_file"
WORKBOOK: Final = "workbook"
ARCHIVE: Final = "archive"
DISAPPEARED: Final = "disappeared"
CHANGED_WHILE_READ: Final = "changed_while_read"
UNREADABLE: Final = "unreadable"
OUTSIDE_INBOX: Final = "outside_inbox"
LINKED_FOLDER: Final = "linked_folder"
NOT_A_REGULAR_FILE: Final = "not_a_regular_file"

# The cause lies outside the file's content, so an unchanged size and time prove nothing: tried again at every run.
RETRIED_REASONS: Final = frozenset(
    {
        NO_TEMPORARY_SPACE,
        NOT_PROCESSABLE,
        DISAPPEARED,
        CHANGED_WHILE_READ,
        UNREADABLE,
        OUTSIDE_INBOX,
        LINKED_FOLDER,
        NOT_A_REGULAR_FILE,
    }
)

MESSAGES: Final[dict[str, str]] = {
    BROKEN_QUOTE: "the line's quotes do not follow the rules of CSV",
    WRONG_COLUMN_COUNT: "the number of columns differs from the header, or from `files.columns` of the stream",
    INVALID_JSON: "the line is not valid JSON",
    NOT_AN_OBJECT: "the line is valid JSON but not an object",
    MISSING_VALUE: "a required field is null or blank",
    NOT_AN_INTEGER: "not a whole number of 64 bits",
    NOT_A_DECIMAL: "not a number with a decimal point that fits decimal(18, 4), or with the `decimal` that the field "
    "declares",
    NOT_A_BOOLEAN: "not one of true, false, t, f, yes, no, y, n, 1, 0, or such a word of a spreadsheet",
    NOT_A_DATE: "not a calendar date written as YYYY-MM-DD, or by the `format` that the field declares",
    NOT_A_TIMESTAMP: "not an existing ISO 8601 time such as 2026-10-01T10:00:00Z; export times in this form, or "
    "declare theirs with the `format` of the field",
    LATER_THAN_RECEIPT: "more than 5 minutes later than it was received, or than the cursor of its row: a wrong clock, "
    "a placeholder, or a cursor that is not the time of the last change; "
    "operations.corrected_times counts what was taken instead",
    BEFORE_FIRST_TIME: "a time before 1990: the zero of a clock, or a placeholder",
    NOT_JSON: "not valid JSON",
    ERASED_PERSON: "a person who was erased from this home and must not come back: erase it in the source as well, "
    "or let it back with cdp privacy readmit",
    UNDECLARED_VALUE: "the row fills a column that is not declared, which the stream's schema contract refuses",
    LOST_DIGITS: "shortened by Excel or a similar program, as in 5.67891E+12 or ####: digits are lost; export as text",
    GRAPHQL_ID: "a global id of a GraphQL export, as in gid://shopify/Order/1; deliver the ids of the REST API",
    NEGATIVE_AMOUNT: "below zero, where the stream's contract expects zero or more",
    OUT_OF_RANGE: "a number outside the range that the stream's contract declares for the field",
    OFF_SCALE: "a score outside the scale of its survey",
    NOT_OF_PATTERN: "not written as the stream's contract declares, such as a currency code of three letters",
    TEXT_TOO_LONG: "a text longer than the stream's contract declares for the field",
    WRONG_FORM: "JSON of another form than declared: an object, a list or a single value in place of another",
    NESTED_TOO_DEEPLY: f"JSON of more than {MAX_NESTING} levels of lists and objects",
    FIELD_TOO_LARGE: "the field is larger than 1 MiB",
    EMPTY_FILE: "the file has no content",
    UNKNOWN_FORMAT: "the ending is none of .csv, .tsv, .txt, .jsonl, .ndjson, .json, .parquet, plain or with "
    ".gz, .zst or .zip, nor .xlsx",
    OTHER_KIND: "the content is no CSV, JSON, Parquet or workbook, plain or packed as gzip, zstandard or zip; unpack "
    "it, or export it as one of these; a page of HTML is often what a server sends instead of a file",
    WORKBOOK: "a workbook that is not .xlsx, or damaged or encrypted; save its sheet as CSV UTF-8 and deliver that",
    ARCHIVE: "an archive that does not hold exactly one data file, or cannot be read; unpack it and deliver the files",
    NOT_UTF8: "the text is not UTF-8, perhaps Latin-1 or UTF-16; export it as UTF-8, or declare what it is, "
    "as in `files: {encoding: windows-1252}` (Parquet has text in UTF-8 alone)",
    NOT_OF_ENCODING: "bytes that are no letters of the declared encoding; correct `files.encoding` of the stream, such "
    "as windows-1252 for latin-1 or cp932 for shift_jis, or export the file as UTF-8",
    NOT_GZIP: "the ending is .gz but the content is not gzip",
    BROKEN_ZSTANDARD: "the ending is .zst but the content is not zstandard, or cut off",
    TRUNCATED_GZIP: "the gzip content is cut off or damaged",
    UNPACKED_TOO_LARGE: f"unpacked, the file is larger than {MAX_UNPACKED_BYTES // 1024**3} GiB, than "
    f"{MAX_UNPACKED_RATIO} times its own size, or than the temporary space left to it; deliver it in parts",
    NO_TEMPORARY_SPACE: "the temporary space is full; free some, the file is tried again at the next run",
    NOT_PROCESSABLE: "the engine that checks rows cannot hold the file; deliver it in parts, it is tried again",
    NOT_PARQUET: "the content is not a whole Parquet file",
    UNSUPPORTED_TYPE: "a column has a Parquet type, or a value of it, that cannot be read; leave it out, or "
    "write it as text",
    MISSING_SHEET: "the workbook has no such sheet; name one that it has as `files.sheet` of the stream",
    SEVERAL_SHEETS: "several sheets of the workbook have the same header; name the one that is meant as `files.sheet` "
    "of the stream, or deliver each in a workbook of its own",
    FAR_CELL: "a cell stands so far from the others that the sheet cannot be held; delete it with its row and column, "
    "or save the sheet as CSV UTF-8",
    TOO_FEW_LINES: "nothing stands below the lines that `files.skip_lines` of the stream leaves out; correct it",
    BROKEN_HEADER: "the first line is not a CSV header whose lines end with a line feed; export it as CSV UTF-8",
    DUPLICATE_COLUMN: "two columns have the same name",
    AMBIGUOUS_COLUMN: "two columns mean this field, and neither has its exact name; rename one",
    LINE_TOO_LONG: "a line is longer than 64 MiB",
    MISSING_COLUMN: (
        "a key or cursor column is missing under its name in the API of the source; export the file with these names, "
        "separated by commas, semicolons or tabs, or as JSON; where lines stand above the header, there is none, or "
        "other signs stand between values or around them, declare it as `files` of the stream"
    ),
    NEW_COLUMN: "a column is not declared, and the stream's schema contract takes no new one; declare it, or deliver "
    "the file without it",
    MISSING_DECLARED_COLUMN: "a declared column is missing, and the stream's schema contract asks for all of them",
    FROZEN_TYPE: "a value is not of its declared type, and the stream's schema contract takes none of another",
    RETYPED_COLUMN: "most values of a key or cursor column are not of its declared type",
    RETYPED_OPTIONAL_COLUMN: "most values of a column are not of its declared type",
    NO_GOOD_ROW: (
        "no row can be read, each for the same reason; export the file in the form that its ending and header name"
    ),
    ADMIN_EXPORT: (
        "the CSV of the shop's admin pages, which has other columns, no time of change, and a line per item; "
        "export from the REST Admin API as JSON"
    ),
    GRAPHQL_EXPORT: (
        "a GraphQL bulk file, whose parts of one order are lines of their own and whose fields have other names; "
        "export from the REST Admin API as JSON"
    ),
    BROKEN_DOCUMENT: "the JSON document is cut off or broken; deliver it whole, or as JSON Lines",
    DOCUMENT_TOO_LARGE: "a JSON array or envelope larger than 128 MiB; deliver one object a line (jq -c '.[]')",
    AMBIGUOUS_ENVELOPE: "several lists of the JSON document could be the rows; deliver one list, or JSON Lines",
    UNFINISHED_FILE: "the last line is cut off, so the file is not whole yet; deliver it again under the same name "
    "(a line below the rows, such as a total, has to end with a line feed)",
    DISAPPEARED: "the file was listed but no longer exists",
    CHANGED_WHILE_READ: "the file changed while it was read; it is tried again at the next run",
    UNREADABLE: "the file cannot be opened; check its permissions",
    OUTSIDE_INBOX: "the link leads outside the inbox; deliver the file itself",
    LINKED_FOLDER: "a linked folder is not entered; deliver the files themselves",
    NOT_A_REGULAR_FILE: "neither a file nor a folder",
}


@dataclass(frozen=True)
class RefusedRow:
    """One field of one row that breaks the contract; without a field, the row as a whole."""

    source_line: int | None  # None: the file as a whole
    reason: str
    raw_row: str | None
    field: str | None = None
    is_row_landed: bool = False  # True: only the value is refused
    found: str | None = None  # of a file: what it has instead


class FileRefusedError(CdpError):
    """A delivered file cannot be read at all; ``reason`` is the code, ``field`` the column that caused it, if any.

    ``found`` says what the file has instead. It may repeat the first line of a file without a header, so it goes to
    the quarantine alone.
    """

    def __init__(self, reason: str, field: str | None = None, found: str | None = None) -> None:
        super().__init__(MESSAGES[reason] if field is None else f"{field}: {MESSAGES[reason]}")
        self.reason = reason
        self.field = field
        self.found = found
