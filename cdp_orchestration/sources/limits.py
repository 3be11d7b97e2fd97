"""What a delivered value and a delivered file may measure: every limit of the platform, in one place.

A value beyond its limit is a mistake of the source (a barcode in a quantity, milliseconds in minutes), or it would
stop a later stage: every sum of accepted amounts fits decimal(18, 2), every accepted text can be compared. Landing
applies the limits and names file, line, field and reason; no later stage has to.
"""

from typing import Final

# Values
MAX_AMOUNT: Final = 10_000_000_000  # of money, in any currency; a million such amounts add up within decimal(18, 2)
MAX_QUANTITY: Final = 100_000  # of one line, pieces or weight; times the highest price it still is an amount
MAX_COUNT: Final = 1_000_000  # of replies, reopens, lines of a receipt
MAX_MINUTES: Final = 10 * 366 * 24 * 60  # ten years
MAX_TEXT_CHARACTERS: Final = 1_000  # a name, an address, an id, a word
MAX_LONG_TEXT_CHARACTERS: Final = 100_000  # what a customer wrote, an address of a page, a list of tags
MAX_UNKNOWN_SCORE: Final = 100  # of a survey whose scale is not declared
MAX_FIELD_BYTES: Final = 1024 * 1024
MAX_NESTING: Final = 64  # levels of lists and objects in one JSON value

# Files
MAX_LINE_BYTES: Final = 64 * 1024 * 1024
MAX_UNPACKED_BYTES: Final = 64 * 1024**3  # of one file
MAX_UNPACKED_RATIO: Final = 200  # of a packed file to its own size, once it is larger than a line may be
# That one file may take of the free temporary space; only Parquet in gzip, zip and zstandard need any
MAX_FREE_SPACE_SHARE: Final = 0.5
MAX_WORKBOOK_BYTES: Final = 512 * 1024 * 1024  # of the parts of a workbook, unpacked: a sheet is read as a whole

# Survey type: lowest and highest score
SURVEY_SCALES: Final = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
