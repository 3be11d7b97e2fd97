"""The thresholds and limits of a resolution: one frozen set of defaults for every caller."""

import math
from dataclasses import dataclass, fields

from identity.errors import IdentityError


@dataclass(frozen=True)
class Limits:
    """The thresholds and limits of one resolution.

    With calibrated probabilities F1 is best at a threshold below one half; wrong merges cost more than missed ones, so
    a link needs odds of two to one. The probability of a merge is that of whole clusters; the agreements that so many
    pairs of values reach by chance are subtracted from it already.

    Attributes:
        link_probability: Two records or clusters are linked from this probability on.
        review_probability: Pairs are published for review from this probability on.
        tie_probability: Pairs from this probability on belong to one neighbourhood, so that they are decided together.
        names_per_contact: An e-mail or phone with more different given names than this is suppressed.
        initials_per_contact: So is one with more different pairs of initials (given and family name) than this.
        strangers_per_contact: So is one with more pairs of initials than this beside those that have the most frequent
            initial in common: members of one family mostly have one.
        names_per_address: An address with more different given names than this is suppressed.
        records_per_block: A blocking key that more units hold is skipped.
        records_per_coarse_block: So is one of names and places alone, whose blocks grow with the population: see
            COARSE_RULES in `identity.scoring.blocking`.
        records_per_component: Components of no more units have all their pairs scored before they are divided.
        loyalty_numbers_per_profile: A profile holds no more loyalty numbers; a must_link override may break this limit
            and the following ones.
        shop_customer_ids_per_profile: A profile holds no more shop customer ids.
        emails_per_profile: A profile holds no more e-mails.
        phones_per_profile: A profile holds no more phones.
        birth_dates_per_profile: A profile holds no more dates of birth; dates that are one typo apart count once.
        records_per_profile: A profile holds no more records.

    Raises:
        IdentityError: A value is no finite number, a probability is not between 0 and 1, they are not in rising order
            (tie, review, link), or a count is below 1.
    """

    link_probability: float = 0.67
    review_probability: float = 0.5
    tie_probability: float = 0.2
    names_per_contact: int = 20
    initials_per_contact: int = 8
    strangers_per_contact: int = 2
    names_per_address: int = 40
    records_per_block: int = 200
    records_per_coarse_block: int = 30
    records_per_component: int = 200
    loyalty_numbers_per_profile: int = 1
    shop_customer_ids_per_profile: int = 3
    emails_per_profile: int = 5
    phones_per_profile: int = 5
    birth_dates_per_profile: int = 1
    records_per_profile: int = 1_000

    def __post_init__(self) -> None:
        """Check the order of the probabilities and the counts.

        Raises:
            IdentityError: A value is out of its range.
        """
        for limit in fields(self):
            if not math.isfinite(getattr(self, limit.name)):
                raise IdentityError(
                    f"The limit {limit.name} is {getattr(self, limit.name)}; expected a finite number. Correct it."
                )
        order = (0, self.tie_probability, self.review_probability, self.link_probability, 1)
        if list(order) != sorted(order) or not self.link_probability < 1:
            raise IdentityError(
                f"The limits tie_probability {self.tie_probability}, review_probability {self.review_probability} and "
                f"link_probability {self.link_probability} must rise, from 0 on and below 1. Put them in this order."
            )
        for limit in fields(self):
            if limit.type is int and getattr(self, limit.name) < 1:
                raise IdentityError(
                    f"The limit {limit.name} is {getattr(self, limit.name)}; expected 1 or more. Raise it."
                )


def threshold_weight(probability: float) -> float:
    """The match weight, in bits, at which a pair has this probability of being one person."""
    return math.log2(probability / (1 - probability))
