"""Paths through links: the strongest, and the fewest links that connect a group."""

import pytest

from identity.explanation.link_paths import links_of, spanning_links, strongest_path


def links(*texts: str):
    """Links from texts such as "a-b 5" (match weight) or "a=b" (exact duplicate); a trailing x: not used."""
    rows = []
    for text in texts:
        ends, _, weight = text.removesuffix(" x").partition(" ")
        left, right = ends.split("=" if "=" in ends else "-")
        rows.append(
            {
                "person_record_id_left": left,
                "person_record_id_right": right,
                "reason": "exact_duplicate" if "=" in ends else "probabilistic_match",
                "match_probability": 1.0 if "=" in ends else 1 / (1 + 2 ** -float(weight)),
                "match_weight": float(weight) if weight else None,
                "is_used": not text.endswith(" x"),
                "kept_apart_by": None,
            }
        )
    return links_of(rows)


def shown(found) -> str:
    return " ".join(link.left + link.right for link in found)


@pytest.mark.parametrize(
    ("texts", "path"),
    [
        pytest.param(["a-c 2", "a-b 5", "b-c 4"], "ab bc", id="a detour over stronger links"),
        pytest.param(["a-c 4", "a-b 5", "b-c 4"], "ac", id="the direct way among equals"),
        pytest.param(["a=b", "b-c 3"], "ab bc", id="over an exact duplicate"),
        pytest.param(["c-b 3", "b-a 3"], "ba cb", id="whichever way a link is written"),
        pytest.param(["a-c 9 x", "a-b 3", "b-c 3"], "ab bc", id="never over a link that is not used"),
        pytest.param(["a-b 3"], "", id="none where none leads"),
    ],
)
def test_the_strongest_path_from_a_to_c_is(texts, path):
    assert shown(strongest_path(links(*texts), "a", "c")) == path


def test_a_group_is_connected_by_its_strongest_links():
    assert shown(spanning_links(links("a-b 1", "b-c 5", "a-c 4", "c-d 9 x"))) == "bc ac"
