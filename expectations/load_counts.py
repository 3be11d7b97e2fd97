"""The counts of a stream's deliveries, which the gate of the stream is given."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LoadCounts:
    """Counts of one stream: rows landed and refused, values refused, files refused; each a number, or SQL for one.

    SQL is the same text in every run, so that the stored suite need not be written again with each delivery.
    """

    rows_landed: int | str
    rows_refused: int | str
    values_refused: int | str
    files_refused: int | str

    @property
    def refused_share(self) -> str:
        """Return SQL for the share of delivered rows that were refused."""
        return f"coalesce({self.rows_refused} / nullif({self.rows_landed} + {self.rows_refused}, 0), 0)"
