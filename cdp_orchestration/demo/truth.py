"""The true person of every person record, for measuring accuracy."""

from collections import Counter
from dataclasses import dataclass, field

COLUMNS = ("source_system", "source_record_type", "source_record_id", "person_id", "is_linkable")


@dataclass(slots=True)
class Answer:
    """One person record: its users with their frequency, the drops (bits) that hold it, and those that can link it."""

    people: Counter[str] = field(default_factory=Counter)
    delivered: int = 0
    linkable: int = 0

    def add(self, delivered: int, *, is_linkable: bool) -> None:
        """Note drops that hold a row of the record; ``is_linkable``: the row has an identifier to link it by."""
        self.delivered |= delivered
        if is_linkable:
            self.linkable |= delivered


@dataclass(slots=True)
class Truth:
    """The answers of one chunk; which drops count is known only when they are read."""

    answers: dict[tuple[str, str, str], Answer] = field(default_factory=dict)

    def answer(self, kind: tuple[str, str], record_id: str) -> Answer:
        """Return the answer for one person record, created when it is missing."""
        key = (*kind, record_id)
        answer = self.answers.get(key)
        if answer is None:
            answer = self.answers[key] = Answer()
        return answer

    def note(
        self, kind: tuple[str, str], record_id: str, person_id: str, delivered: int, *, is_linkable: bool = True
    ) -> None:
        """Note that drops hold a row of a record; of several people, the most frequent one is its true person."""
        answer = self.answer(kind, record_id)
        answer.people[person_id] += 1
        answer.add(delivered, is_linkable=is_linkable)

    def rows(self, drops: int) -> list[tuple[str, str, str, str, str]]:
        """Return one row per person record that these drops (bits) hold, in the order of ``COLUMNS``."""
        return [
            (*key, answer.people.most_common(1)[0][0], "true" if answer.linkable & drops else "false")
            for key, answer in self.answers.items()
            if answer.delivered & drops
        ]
