"""Short and familiar forms of given names, by the formal names they may stand for, in several languages."""

from importlib.resources import files


def nickname_roots() -> dict[str, tuple[str, ...]]:
    """Each known given name with the formal names (roots) that it may stand for.

    Each line of nicknames.txt is one person's possible names, the root first: any two of them may name the same person.
    A form may be on several lines (Alex is Alexander or Alexandra), which is why a name has roots, not one root.

    Returns:
        Given name to its sorted roots, both in lower case ASCII.
    """
    roots: dict[str, set[str]] = {}
    for line in files("identity.prepare").joinpath("nicknames.txt").read_text(encoding="utf-8").splitlines():
        names = line.split()
        for name in names:
            roots.setdefault(name, set()).add(names[0])
    return {name: tuple(sorted(found)) for name, found in sorted(roots.items())}
