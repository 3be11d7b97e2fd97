"""Who every person record really is: the answer sheet beside the inbox."""

from collections import Counter
from dataclasses import dataclass, field

COLUMNS = ("source_system", "source_record_type", "source_record_id", "person_id", "is_linkable")


@dataclass(slots=True)
class Answer:
    """One person record: who uses it how often, and the drops (bits) that hold it and that say anything of it."""

    people: Counter[str] = field(default_factory=Counter)
    delivered: int = 0
    evidence: int = 0

    def add(self, delivered: int, *, says: bool) -> None:
        """Note drops that hold a row of the record; ``says``: the row carries something to link it by."""
        self.delivered |= delivered
        if says:
            self.evidence |= delivered


@dataclass(slots=True)
class Truth:
    """Collects one chunk's answers; the drops are known only when the answers are read."""

    answers: dict[tuple[str, str, str], Answer] = field(default_factory=dict)

    def answer(self, kind: tuple[str, str], record_id: str) -> Answer:
        """The answer for one person record, new when there is none."""
        key = (*kind, record_id)
        answer = self.answers.get(key)
        if answer is None:
            answer = self.answers[key] = Answer()
        return answer

    def note(self, kind: tuple[str, str], record_id: str, person_id: str, delivered: int, *, says: bool = True) -> None:
        """Note that drops hold a row of a record; of several people, the one named most often owns it."""
        answer = self.answer(kind, record_id)
        answer.people[person_id] += 1
        answer.add(delivered, says=says)

    def rows(self, drops: int) -> list[tuple[str, str, str, str, str]]:
        """One row per person record that these drops (bits) hold, in the order of ``COLUMNS``."""
        return [
            (*key, answer.people.most_common(1)[0][0], "true" if answer.evidence & drops else "false")
            for key, answer in self.answers.items()
            if answer.delivered & drops
        ]
