"""The counts of a stream's deliveries, which the gate of the stream is given."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LoadCounts:
    """Counts of one stream: rows landed and refused, values refused, files refused."""

    rows_landed: int
    rows_refused: int
    values_refused: int
    files_refused: int

    @property
    def refused_share(self) -> float:
        """Return the share of delivered rows that were refused."""
        delivered = self.rows_landed + self.rows_refused
        return self.rows_refused / delivered if delivered else 0
