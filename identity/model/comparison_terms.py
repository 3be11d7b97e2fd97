"""Conditions that several comparisons are made of: SQL on columns with _l and _r."""


def single_name(given: str, family: str) -> str:
    """SQL that is true when the only name of one record is the other's family name, not its given name."""
    return f"""(
        (as_family_l is null and as_given_l <> as_given_r
            and {_alike(f"{given}_l", f"{family}_r")})
        or (as_family_r is null and as_given_r <> as_given_l
            and {_alike(f"{given}_r", f"{family}_l")}))"""


def _alike(one: str, other: str) -> str:
    similarity = f"jaro_winkler_similarity({one}, {other})"
    typo = edits(one, other, 1, f"least(length({one}), length({other})) >= 5 and {similarity} >= 0.8")
    return f"({similarity} >= 0.92 or {typo})"


def swapped() -> str:
    """SQL that is true when the given name of one record is the family name of the other and the reverse, or nearly."""
    crosswise = (("as_given_l", "as_family_r"), ("as_family_l", "as_given_r"))
    cheap = " and ".join(f"left({one}, 1) = left({other}, 1)" for one, other in crosswise)
    alike = guarded(cheap, " and ".join(f"({one} = {other} or {_alike(one, other)})" for one, other in crosswise))
    # Kim Minjun and Min-jun Kim, Ouyang Xiao Ling and Xiaoling Ouyang: the same letters from another word on
    turned = " or ".join(
        f"(left(given_joined_{one}, 1) = left(family_joined_{other}, 1)"
        f" and given_joined_{one} || family_joined_{one} = family_joined_{other} || given_joined_{other})"
        for one, other in (("l", "r"), ("r", "l"))
    )
    return f"({alike} or {turned})"


def lone_initial() -> str:
    """SQL that is true when the only name of one record is an initial of the other's family name, not of its given."""
    sides = (("l", "r"), ("r", "l"))
    alone = " or ".join(
        f"(as_family_{one} is null and length(as_given_{one}) = 1 and as_given_{one} = left(as_family_{other}, 1)"
        f" and as_given_{one} <> left(as_given_{other}, 1))"
        for one, other in sides
    )
    return f"coalesce({alone}, false)"


def overlap(column: str, other: str | None = None) -> str:
    """SQL that is true when two list columns have an element in common."""
    other = other or column
    # the bits reject most pairs; comparing lists of text costs twenty times as much
    return guarded(f"({column}_bits_l & {other}_bits_r) <> 0", f"list_has_any({column}_l, {other}_r)")


def guarded(cheap: str, costly: str) -> str:
    """SQL that is true when both conditions are; the cheap one is tried first."""
    # the engine tries the terms of an "and" in changing order: the costly one first took half the time of all scoring
    return f"if({cheap}, {costly}, false)"


def edits(left: str, right: str, most: int, cheap: str) -> str:
    """SQL that is true when two texts are at most `most` edits apart and the cheap condition holds."""
    # lengths that differ by more need more edits; counting the edits costs fifty times as much as all the rest
    cheap = f"{cheap} and abs(length({left}) - length({right})) <= {most}"
    return guarded(cheap, f"damerau_levenshtein({left}, {right}) <= {most}")


def one_edit(column: str, min_length: int) -> str:
    """SQL that is true when two texts of this length at least are one edit apart."""
    left, right = f"{column}_l", f"{column}_r"
    # one edit in four letters or more never brings the similarity below 0.8, and that is cheaper to compute
    similar = f"jaro_winkler_similarity({left}, {right}) >= 0.8"
    return edits(left, right, 1, f"least(length({left}), length({right})) >= {min_length} and {similar}")


def same_whole(part: str) -> str:
    """SQL that is true when all words of a part of the name are the same when written as one: Abdul Rahman."""
    return f"{part}_joined_l = {part}_joined_r"


def other_script(part: str) -> str:
    """SQL that is true when two names are written in two scripts of which one does not show the other's spelling."""
    return f"coalesce(name_script_l <> name_script_r and {part}_name_l <> {part}_name_r, false)"
