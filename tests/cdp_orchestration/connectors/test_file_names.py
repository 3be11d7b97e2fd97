"""Names of files elsewhere: which a pattern means, and what they are called in the inbox."""

import pytest

from cdp_orchestration.connectors.files.names import is_meant, safe_name


@pytest.mark.parametrize(
    ("name", "pattern", "is_one"),
    [("a/b.csv", "**", True), ("b.csv", "**/b.csv", True), ("x/y/b.csv", "x/**/b.csv", True), ("b.csv", "a/*", False)],
)
def test_two_stars_stand_for_any_number_of_folders(name, pattern, is_one):
    assert is_meant(name, pattern) is is_one


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\\..\\b", "x/../../y", "new\nline.csv", "a\x1b[31m.csv", ".."])
def test_no_name_leads_out_of_the_inbox(name, tmp_path):
    made = (tmp_path / safe_name(name)).resolve()

    assert made.is_relative_to(tmp_path.resolve())
    assert made != tmp_path.resolve()
    assert safe_name(name).isprintable()


def test_two_names_never_become_one():
    assert len({safe_name(name) for name in ("a:b.csv", "a*b.csv", "a_b.csv")}) == 3


def test_names_that_have_to_be_changed_keep_their_order_and_ending():
    names = [f"2026-11-{day}/export {day}T{hour}:00:00.5.csv.gz" for day in range(10, 30) for hour in range(10, 20)]

    made = [safe_name(name) for name in names]

    assert made == sorted(made)
    assert all(name.endswith(".csv.gz") for name in made)


def test_a_hidden_name_is_meant_only_by_a_pattern_that_says_so():
    assert not is_meant(".git/a.csv", "**")
    assert not is_meant("x/.a.csv", "**/*.csv")
    assert is_meant(".export/a.csv", ".export/*")


@pytest.mark.parametrize("name", ["Kunden [neu]/a.csv", "report[1].csv", "what?.csv"])
def test_a_name_with_signs_of_patterns_is_meant_by_itself(name):
    assert is_meant(name, name)
