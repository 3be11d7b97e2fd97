"""What it felt like, said in a company's own sources: stars and words of reviews, answers to surveys."""

from pathlib import Path

import pytest
from conftest import Cdp
from release_comparison import release_of

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import read_warehouse

pytestmark = [pytest.mark.slow, pytest.mark.scenario]

VOICE = """
source: voice
streams:
  reviews:  # each row names who wrote it
    key: [review]
    fields:
      review: identifier
      email: text
      stars: {kind: score, survey: csat}
      words: long_text
      written: timestamp
    person: {record_type: reviewer, emails: email}
    interaction:
      record_type: review
      occurred_at: written
      score: stars
      comment: words
      taxonomy: {"*": {touchpoint_type: review, channel: web, stage: advocacy}}
  answers:
    key: [answer]
    fields:
      answer: identifier
      review: identifier
      survey: text
      asked_by: text  # of which nothing is said
      points: {kind: score, survey: survey}
      at: timestamp
    interaction:
      record_type: answer
      occurred_at: at
      of: {field: review, record_type: reviewer}
      score: points
      taxonomy: {"*": {touchpoint_type: survey_answer, channel: email, stage: advocacy}}
"""
THINGS = (
    "blue chair", "oak table", "reading lamp", "wool carpet", "book shelf", "garden bench", "coat stand", "mirror",
    "desk", "stool", "sofa", "cushion", "curtain", "vase", "clock", "picture frame", "candle holder", "blanket",
    "kitchen trolley", "waste basket", "wardrobe", "night stand", "door mat", "hammock", "parasol",
)  # fmt: skip
GOOD = "The {} came quickly and it is wonderful, I am very happy with it and thank you so much."
BAD = "The {} arrived broken and late, it is terrible and no one answered my angry complaint."
REVIEWS = [
    *((f"g{n}", f"g{n}@mail.org", 5, GOOD.format(thing)) for n, thing in enumerate(THINGS * 3)),
    *((f"b{n}", f"b{n}@mail.org", 1, BAD.format(thing)) for n, thing in enumerate(THINGS * 3)),
    ("m", "m@mail.org", "", "The rocking horse came quickly and I am very happy with it, thank you so much."),
    ("o", "o@mail.org", 9, "Off the scale"),
    ("w", "w@mail.org", 4, "  "),
]
ANSWERS = """answer,review,survey,points,asked_by,at
a1,g0,NPS,10,letter,2026-02-01T10:00:00Z
a2,b0,ces,1,letter,2026-02-01T10:00:00Z
a3,m,csat,,web,2026-02-01T10:00:00Z
a4,o,mood,70,letter,2026-02-01T10:00:00Z
a5,w,nps,11,letter,2026-02-01T10:00:00Z
"""


@pytest.fixture(scope="module")
def home(cdp: Cdp, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("voice")
    lines = [f'{key},{email},{stars},"{words}",2026-01-10T10:00:00Z' for key, email, stars, words in REVIEWS]
    files = {
        "sources/voice.yml": VOICE,
        "inbox/voice/reviews/all.csv": "\n".join(["review,email,stars,words,written", *lines, ""]),
        "inbox/voice/answers/all.csv": ANSWERS,
    }
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, encoding="utf-8")
    synced = cdp(home, "sync")
    assert synced.returncode == 0, synced.stdout + synced.stderr
    return home


def _felt(home: Path, keys: str) -> list[tuple[object, ...]]:
    with release_of(home).connect() as release:
        return release.execute(
            "select source_record_id, survey_type, survey_score, satisfaction_score, effort_score from touchpoints "
            f"where source_record_id in ({keys}) order by 1"
        ).fetchall()


def test_a_score_is_an_answer_to_the_survey_that_the_declaration_names(home: Path) -> None:
    assert _felt(home, "'b0', 'g0', 'm', 'o', 'w'") == [
        ("b0", "csat", 1, 0, None),
        ("g0", "csat", 5, 100, None),
        ("m", None, None, None, None),
        ("o", None, None, None, None),
        ("w", "csat", 4, 75, None),
    ]


def test_a_score_is_an_answer_to_the_survey_that_its_row_names(home: Path) -> None:
    assert _felt(home, "'a1', 'a2', 'a3', 'a4', 'a5'") == [
        ("a1", "nps", 10, 100, None),
        ("a2", "ces", 1, None, 100),
        ("a3", None, None, None, None),
        ("a4", None, 70, None, None),
        ("a5", None, None, None, None),
    ]


def test_scores_off_their_scale_are_refused_alone_and_named(home: Path) -> None:
    with read_warehouse(Settings(home=home).warehouse) as warehouse:
        refused = warehouse.execute("select field, source_line from operations.quarantined order by 1").fetchall()
    assert refused == [("points", 6), ("stars", 153)]


def test_the_mood_of_words_is_learnt_from_the_stars_beside_them(home: Path) -> None:
    with release_of(home).connect() as release:
        moods = dict(
            release.execute(
                "select source_record_id, sentiment_score from touchpoints "
                "where source_record_id in ('b1', 'g1', 'm', 'w')"
            ).fetchall()
        )
        (nps,) = release.execute("select nps_score from profile_metrics where nps_score is not null").fetchall()
    assert moods["b1"] < -0.5
    assert moods["g1"] > 0.5
    assert moods["m"] > 0.5, "a text without stars, by those of the others"
    assert moods["w"] is None
    assert nps == (10,)


def test_an_erasure_takes_the_words_and_leaves_the_stars(home: Path, cdp: Cdp) -> None:
    # No one else was asked by web, which is a word of every touchpoint of that channel, and names no one
    erased = cdp(home, "privacy", "erase", "m@mail.org", "--why", "asked", "--yes")
    assert erased.returncode == 0, erased.stdout + erased.stderr
    with read_warehouse(Settings(home=home).warehouse) as warehouse:
        landed = warehouse.execute(
            "select email, words, written is not null from landing.voice_reviews where review = 'm'"
        )
        assert landed.fetchall() == [(None, None, True)]
    assert not any(b"rocking horse" in path.read_bytes() for path in home.rglob("*.csv"))
