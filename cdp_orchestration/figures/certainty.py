"""Whether a small delivery of which all rows are so can be right.

Of few rows a share says little, so that fewer than 50 rows, or 25 that differ, only warn. Where every row of a delivery
is empty, or is the same as all others, and hardly any row was so before (one in fifty at most; of one e-mail, birthday
or person not half as many rows), the question is another one: how likely is that by chance? The rows of one delivery
resemble each other (one clerk, one form, one campaign), so that they are not drawn one by one: their share differs from
delivery to delivery as a beta distribution does, and the number of rows is beta-binomial (Skellam 1948). How alike rows
are is the correlation within a delivery: at least 0.05, more where deliveries of the source were found to differ more.
The chance of one row is that of the accepted ones, and never less than the upper limit of 95 % for what was not seen
once in so many rows: three of them (Hanley and Lippman-Hand 1983). A chance below one in a million is no chance: a
stream with a hundred figures a delivery and one delivery an hour meets it once in a year by mistake, were all figures
at their worst.

A number whose middle is fifty times what it was, in ten rows or more, and further off than six deviations of such a
sample, has another unit: cents, thousands, another currency.
"""

from cdp_orchestration.figures.families import Family
from cdp_orchestration.figures.figure import Figure

MIN_SURE_ROWS = 10
"""How many rows a delivery must have at least."""
MIN_LIKENESS = 0.05
"""The least correlation of the rows of one delivery."""
HARDLY_EVER = 0.02
"""At most so many of the accepted rows may be so."""
CHANCE = 1e-6
"""Below it nothing happens by chance."""
UNSEEN = 3
"""As so many rows counts what was not seen among the accepted ones."""
ANOTHER_UNIT, SURE_DEVIATIONS = 50.0, 6.0


def is_sure(family: Family, figure: Figure, usual: float, between: float, deviations: float) -> bool:
    """Return whether a figure that is off cannot be right, though it is about few rows.

    Args:
        family: its kind.
        figure: the figure.
        usual: what is usual for it.
        between: how far deliveries of this source differ, on the scale of the kind.
        deviations: how many deviations of a sample of this size it is off.
    """
    if not family.is_sure_of_all or figure.rows < MIN_SURE_ROWS or not figure.usual_rows:
        return False
    if family.steps == "factor":
        factor = max(figure.value, usual) / max(min(figure.value, usual), 1e-9)
        return factor >= ANOTHER_UNIT and deviations >= SURE_DEVIATIONS
    if figure.value not in (0.0, 1.0) or (figure.value > usual) != (family.harm_above is not None):
        return False
    one = usual if figure.value else 1 - usual
    is_known = figure.name == "shared" and 2 * usual * figure.usual_rows > figure.rows
    return one <= HARDLY_EVER and not is_known and _chance_of_all(figure, one, between) < CHANCE


def _chance_of_all(figure: Figure, share: float, between: float) -> float:
    """Return the chance that all rows of a delivery are so, by the share of the accepted ones that are."""
    one = min(1.0, max(share, UNSEEN / figure.usual_rows))
    # A deviation of d on the scale of the arcsine is a variance of 4 d² p (1 - p) of the share.
    likeness = min(0.9, max(MIN_LIKENESS, 4 * between**2))
    chance = 1.0
    for drawn in range(figure.rows):
        chance *= (one * (1 - likeness) + drawn * likeness) / (1 - likeness + drawn * likeness)
    return chance
