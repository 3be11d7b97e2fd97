"""The figures on the page of their gate: a line each, the most unusual ones open, and never a value as markup."""

import re
from pathlib import Path

import pytest
from narrow_screen import BROWSER, measure_page

from expectations import check_table, figures_gate
from expectations.data_docs.figure_trends import OPEN_FIGURES, FigureTrend, FigureTrends, read_trends, trends_section
from expectations.project import GateProject

SUITE = "landing.crm_contacts_figures"
EVIL = '<img src=//evil.example onerror="alert(1)">, texts in <b>de</b>'


def trend(of, *values, states=None, **changes):
    """A figure that was usual in every run, but for what is changed."""
    values = values or (0.9, 0.95)
    usual = {
        "figure": "filled",
        "means": "share of rows that have it",
        "limits": [(0.8, 1.0)] * len(values),
        "found": f"{values[-1]:.1%}",
        "usual": "80.0% to 100.0%",
        "rows": 1_234,
    }
    return FigureTrend(of=of, values=values, states=states or ["usual"] * len(values), **{**usual, **changes})


def section(*trends):
    return trends_section(FigureTrends("run-1", "2026-06-01 12:00", trends))


@pytest.fixture
def recorded(warehouse, tmp_path):
    """Record a run that compared these figures, and return the project."""

    def record(*trends):
        project = GateProject(tmp_path / "home", tmp_path / "home" / "reports" / "data_docs")
        line = "(select 'Email' as line, true as is_usual, true as is_credible)"
        result = check_table(warehouse, line, figures_gate("landing", "crm_contacts"))
        project.record([result], "run-1", figures={SUITE: FigureTrends("run-1", "2026-06-01 12:00", trends)})
        return project

    return record


def page_of(project):
    return project.site / "history" / f"{SUITE}.html"


def test_every_figure_is_a_line_with_its_newest_value_its_limits_and_whether_it_counts():
    shown = section(
        trend("Email", 0.97, 0.0, states=["usual", "waiting"]),
        trend("Phone", 0.97, 0.4, states=["usual", "accepted"]),
        trend("City", 0.97, 0.7, states=["usual", "unusual"]),
        trend("Id", 1.0, 1.0, states=["usual", "held"]),
        trend("Name"),
    )
    assert shown.count("<svg") == shown.count("<polyline") == shown.count("<polygon") == 5
    for words in (
        "0.0%",
        "usual 80.0% to 100.0%",
        "waits for a person",
        "accepted by a person",
        "! unusual",
        "1,234 rows",
    ):
        assert words in shown
    assert "cdp gates accept run-1 --why" in shown
    assert "cdp gates accept" not in section(trend("Name"))


def test_the_line_has_a_point_a_run_and_a_dot_where_a_value_was_unusual_and_at_its_end():
    shown = section(trend("Email", 0.9, 0.2, 0.9, 0.95, states=["usual", "unusual", "usual", "usual"]))
    assert re.findall(r'<polyline points="([^"]*)"', shown) == ["5,10 82,43 158,10 235,7"]
    assert re.findall(r'<circle class="(\w+)" cx="(\d+)"', shown) == [("warn", "82"), ("good", "235")]


def test_one_value_without_limits_and_values_that_never_changed_are_drawn():
    first = section(trend("rows", 40.0, limits=[None], states=["first"], usual=""))
    assert '<polyline points="235,24"/>' in first
    assert "<polygon" not in first
    assert "no limits yet" in first
    assert '<polyline points="5,24 235,24"/>' in section(trend("rows", 7.0, 7.0, limits=[None, None]))


def test_a_bounded_number_is_open_and_the_others_are_folded_by_kind():
    names = [f"field {number}" for number in range(OPEN_FIGURES)]
    shown = section(
        *map(trend, names),
        trend("a mix", figure="mix", means="difference of the mix"),
        trend("last"),
        trend("very last"),
    )
    before, _, folded = shown.partition("<details>")
    assert before.count("<svg") == OPEN_FIGURES
    assert folded.count("<svg") == 3
    assert re.findall(r"<summary>(.*?)</summary>", shown) == [
        "<b>filled</b>: share of rows that have it (2)",
        "<b>mix</b>: difference of the mix (1)",
    ]


def test_the_name_of_a_figure_is_text_and_never_markup(recorded):
    page = page_of(recorded(trend(EVIL, figure=EVIL, means=EVIL, found=EVIL, usual=EVIL))).read_text(encoding="utf-8")
    assert "&lt;img src=//evil.example" in page
    assert "<img" not in page
    assert "<b>de</b>" not in page
    assert "<script" not in page


def test_the_page_keeps_its_figures_when_great_expectations_writes_it_again(recorded):
    import great_expectations as gx

    project = recorded(trend("Email"), trend("Phone"))
    before = page_of(project).read_text(encoding="utf-8")
    page_of(project).unlink()
    gx.get_context(mode="file", project_root_dir=str(project.home)).build_data_docs()
    assert page_of(project).read_text(encoding="utf-8") == before
    assert before.count("<svg") == 2


def test_figures_that_another_version_kept_are_left_out_until_the_table_is_checked_again(recorded):
    project = recorded(trend("Email"))
    kept = project.folder / "uncommitted" / "figures" / f"{SUITE}.json"
    kept.write_text(kept.read_text(encoding="utf-8").replace('"means"', '"meaning"'), encoding="utf-8")
    assert read_trends(kept.parent, SUITE) is None
    recorded(trend("Email"))
    assert read_trends(kept.parent, SUITE) is not None


def test_figures_of_a_table_that_was_never_compared_make_no_page(recorded, tmp_path):
    project = recorded(trend("Email"))
    project.record([], "run-2", figures={"landing.other_figures": FigureTrends("run-1", "", [trend("Email")])})
    assert not (project.site / "history" / "landing.other_figures.html").exists()


@pytest.mark.skipif(BROWSER is None, reason="no browser")
def test_the_figures_fit_a_narrow_screen(recorded, tmp_path):
    names = [f"ecommerce order, refund_line_items.line_item.properties_{number}" for number in range(OPEN_FIGURES)]
    page: Path = page_of(recorded(*(trend(name, *[0.9] * 24, found="1,234,567,890") for name in names)))
    scratch = tmp_path / "browser"
    scratch.mkdir()
    measured = measure_page(page, 390, scratch)
    assert measured.page_width <= measured.width
    assert measured.cut == []
