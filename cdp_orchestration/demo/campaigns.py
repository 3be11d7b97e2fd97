"""The marketing calendar: campaigns with their dates, and the rates at which customers respond."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from cdp_orchestration.demo import dates

# month: name, type
YEAR = {
    1: (("Winter Sale", "Email"), ("New Year Fitness", "Paid Social")),
    2: (("Valentine Gifts", "Email"),),
    3: (("Spring Catalogue", "Direct Mail"), ("Garden Start", "Email")),
    4: (("Easter at Home", "Email"), ("Outdoor Weeks", "Paid Search")),
    5: (("Mother's Day", "Email"), ("Summer Preview", "Paid Social")),
    6: (("Mid-Season Sale", "Email"), ("Store Night", "Event")),
    7: (("Summer Sale", "Email"),),
    8: (("Back to School", "Email"), ("Back to School Ads", "Paid Social")),
    9: (("Autumn Catalogue", "Direct Mail"), ("Loyalty Bonus Points", "SMS")),
    10: (("Cosy Season", "Email"), ("Care and Repair Webinar", "Webinar")),
    11: (("Black Friday", "Email"), ("Black Friday Ads", "Paid Social"), ("Black Friday Push", "Push")),
    12: (("Christmas Gifts", "Email"), ("Christmas Catalogue", "Direct Mail")),
}

# Response rates by type: a sent message is opened, an opened one is clicked, a sent one is answered.
RESPONSE = {
    "Email": (0.42, 0.22, 0.06), "Direct Mail": (0.0, 0.0, 0.035), "Paid Social": (0.5, 0.09, 0.02),
    "Paid Search": (0.6, 0.2, 0.03), "Event": (0.4, 0.3, 0.3), "Webinar": (0.4, 0.3, 0.25),
    "SMS": (0.7, 0.12, 0.03), "Push": (0.3, 0.2, 0.01),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign; ``starts_at`` in epoch seconds."""

    campaign_id: str
    name: str
    type: str
    starts_at: int


@cache
def campaigns() -> tuple[Campaign, ...]:
    """All campaigns between the first and the last day, in order of time."""
    planned = [
        (date(year, month, 4 + 9 * place), f"{name} {year}", kind)
        for year in range(dates.HISTORY_DAY.year, dates.DROP_DAYS[-1].year + 1)
        for month, entries in YEAR.items()
        for place, (name, kind) in enumerate(entries)
    ]
    within = [plan for plan in planned if dates.HISTORY_DAY <= plan[0] < dates.DROP_DAYS[-1]]
    return tuple(
        Campaign(f"7015e{number:010d}AAA", name, kind, dates.epoch(day) + 9 * dates.HOUR)
        for number, (day, name, kind) in enumerate(within)
    )
