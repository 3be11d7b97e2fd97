"""What all generators of one chunk share: randomness, the outbox, the truth and unique numbers."""

from collections import defaultdict
from dataclasses import dataclass, field

from cdp_orchestration.demo import dates
from cdp_orchestration.demo.details import Details, Habits, brought_up_to_date, describe
from cdp_orchestration.demo.dice import Dice
from cdp_orchestration.demo.drops import Outbox
from cdp_orchestration.demo.people import Person
from cdp_orchestration.demo.truth import Truth

NUMBERS_PER_CHUNK = 1_000_000


@dataclass(slots=True)
class Scene:
    """The state of one chunk of customers while it is generated."""

    chunk: int
    dice: Dice
    outbox: Outbox
    truth: Truth
    counts: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def number(self, kind: str) -> int:
        """Return a number that is unique among its kind in all chunks."""
        self.counts[kind] += 1
        return self.chunk * NUMBERS_PER_CHUNK + self.counts[kind]

    def history(
        self, person: Person, habits: Habits, created_at: int, emails: tuple[str, ...] = ()
    ) -> list[tuple[int, Details]]:
        """Return the versions of one record of a person: the time of each (strictly increasing) and its details."""
        details = describe(self.dice, person, habits, created_at, emails)
        versions = [(created_at, details)]
        for at in self._touched(person, created_at):
            since, before = versions[-1]
            versions.append((at, brought_up_to_date(self.dice, person, before, habits, since, at)))
        return versions

    def _touched(self, person: Person, created_at: int) -> list[int]:
        """Draw when a record is written again: after some changes of its person, and without a visible change."""
        dice, moments = self.dice, set()
        for changed_at in (person.renamed_at, *(since for since, _ in person.homes[1:])):
            if changed_at > created_at and dice.chance(0.5):
                moments.add(changed_at + int(dice.random() * 12 * dates.DAY))
        if dice.chance(0.25):
            start = max(created_at, dates.cuts()[0]) if dice.chance(0.2) else created_at
            moments.add(dice.between(start + 60, dates.end()))
        return sorted(moment for moment in moments if created_at < moment < dates.end())
