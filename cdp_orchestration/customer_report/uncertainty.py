"""How reliable a figure is: 95 % intervals, and which samples are small."""

import math

Z = 1.96  # standard deviations to each side that cover 95 % of a normal distribution
SMALL_SAMPLE = 30  # fewer answers are a small sample; the same value as var scorecard_small_sample


def share_interval(count: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a share by Wilson's formula (E. B. Wilson, 1927), 0 to 1.

    Args:
        count: the observations with the property.
        total: all observations; with 0 of them the interval is the whole range.

    Returns:
        The lower and the upper end.
    """
    if not total:
        return 0.0, 1.0
    share, z = count / total, Z * Z / total
    centre = (share + z / 2) / (1 + z)
    half = math.sqrt(z * (share * (1 - share) + z / 4)) / (1 + z)
    return max(0.0, centre - half), min(1.0, centre + half)


def mean_interval(mean: float, deviation: float, total: int, scale: tuple[float, float]) -> tuple[float, float] | None:
    """Return the 95 % interval of a mean of answers, cut at the ends of their scale.

    The normal approximation, as in cx_scorecard.

    Args:
        mean: the mean of the answers.
        deviation: their standard deviation.
        total: how many answers there are.
        scale: the lowest and the highest possible answer.

    Returns:
        The lower and the upper end; None for fewer than two answers or equal answers, where the formula gives a false
        certainty.
    """
    if total < 2 or deviation == 0:
        return None
    half = Z * deviation / math.sqrt(total)
    return max(scale[0], mean - half), min(scale[1], mean + half)
