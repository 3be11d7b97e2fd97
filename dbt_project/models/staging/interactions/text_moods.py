"""Language and mood of what customers wrote, one row per distinct text.

The mood is learnt from the company's own ratings: texts that stand beside a rating or a survey's answer. Groups of
letters are weighed (tf-idf) and a logistic regression separates good from bad, so that any language with enough ratings
is covered. Names of products are left out: what is sold is no mood. A rated text is also scored by a model that never
saw it, nor any text that differs from it in a product alone; what those scores are worth decides whether a language is
scored at all (text_mood_evidence).
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from py3langid.langid import MODEL_FILE, LanguageIdentifier

# Below this confidence the detected language is wrong about as often as right: two words are not enough.
MIN_CONFIDENCE = 0.4
MIN_RATINGS = 50  # of each kind; fewer teach nothing
MAX_TEXTS = 5_000  # more change little, and cost seconds
FOLDS = 5
MAX_GROUPS = 30_000  # groups of letters, the most frequent
LONGEST_TITLE = 6  # words
MARKS = ".,;:!?"
RULES = f"rules 3, py3langid {version('py3langid')}, scikit-learn {version('scikit-learn')}"
SCHEMA = pa.schema(
    [
        ("customer_text", pa.string()),
        ("text_language", pa.string()),
        ("mood_score", pa.float64()),
        ("held_out_score", pa.float64()),
        ("scored_with", pa.string()),
    ]
)
Ratings = list[tuple[str, int, int]]


def language_of(identifier: LanguageIdentifier, text: str) -> str | None:
    """ISO 639-1 code of the language, or None where the text is too short to detect it."""
    language, confidence = identifier.classify(text)
    return str(language) if confidence >= MIN_CONFIDENCE else None


def languages_of(texts: Iterable[str], known: Mapping[str, str | None]) -> dict[str, str | None]:
    """The language of each text, detected where the last build has not done so."""
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    return {text: known[text] if text in known else language_of(identifier, text) for text in texts}


@cache
def first_words(titles: frozenset[str]) -> frozenset[str]:
    """The words that a product's name begins with."""
    return frozenset(title.split()[0].strip(MARKS) for title in titles if title.split())


def masked(text: str, titles: frozenset[str]) -> str:
    """The text in lower case, each product's name replaced by one sign."""
    words, openings = text.lower().split(), first_words(titles)
    kept, place = [], 0
    while place < len(words):
        lengths = range(LONGEST_TITLE, 0, -1) if words[place].strip(MARKS) in openings else ()
        length = next((n for n in lengths if " ".join(words[place : place + n]).strip(MARKS) in titles), 0)
        kept.append("_" if length else words[place])
        place += max(length, 1)
    return " ".join(kept)


def fold_of(masked_text: str) -> int:
    """The part of the ratings that a text belongs to: texts that are equal but for products are in one."""
    return zlib.crc32(masked_text.encode()) % FOLDS


@dataclass(frozen=True)
class Model:
    """What some ratings have taught: the groups of letters that count, their weights, and good against bad."""

    columns: Any
    weigh: Any
    regression: Any

    def scores(self, counts: Any) -> list[float]:
        """Mood of each row of counted groups of letters, -1 (bad) to 1 (good)."""
        chances = self.regression.predict_proba(self.weigh.transform(counts[:, self.columns]))[:, 1]
        return [round(2 * float(chance) - 1, 2) for chance in chances]


class RatedTexts:
    """Ratings (text, good, bad) with their groups of letters, counted once for the models of all parts."""

    def __init__(self, ratings: Ratings, titles: frozenset[str]) -> None:
        from sklearn.feature_extraction.text import CountVectorizer  # importing it takes seconds

        self.titles = titles
        self.texts = [text for text, _, _ in ratings]
        self.marks = np.array([[good, bad] for _, good, bad in ratings]).reshape(-1, 2)
        self.masks = [masked(text, titles) for text in self.texts]
        self.counter = CountVectorizer(analyzer="char_wb", ngram_range=(2, 4))
        self.counts = self.counter.fit_transform(self.masks) if self.is_enough(self.marks) else None

    def is_enough(self, marks: Any) -> bool:
        """Whether so many ratings teach anything."""
        return bool(marks.sum(axis=0).min() >= MIN_RATINGS)

    def trained_on(self, part: Any) -> Model | None:
        """The model of the ratings of this part (a truth value each); None with too few of a kind."""
        from scipy.sparse import vstack
        from sklearn.feature_extraction.text import TfidfTransformer
        from sklearn.linear_model import LogisticRegression

        if self.counts is None or not self.is_enough(self.marks[part]):
            return None
        counts = self.counts[part]
        frequencies = np.asarray(counts.sum(axis=0)).ravel()
        columns = np.sort(np.argsort(-frequencies, kind="stable")[:MAX_GROUPS])
        weigh = TfidfTransformer(sublinear_tf=True)
        weighed = weigh.fit_transform(counts[:, columns])
        regression = LogisticRegression(class_weight="balanced", max_iter=300)
        is_good = np.repeat([True, False], counts.shape[0])
        regression.fit(vstack([weighed, weighed]), is_good, sample_weight=self.marks[part].T.reshape(-1))
        return Model(columns, weigh, regression)

    def held_out_scores(self) -> dict[str, float | None]:
        """Score of each rated text by the model of the other parts."""
        folds = np.array([fold_of(mask) for mask in self.masks])
        scores: dict[str, float | None] = dict.fromkeys(self.texts)
        for fold in range(FOLDS):
            own = np.flatnonzero(folds == fold)
            model = self.trained_on(folds != fold)
            if model and len(own):
                scores.update(zip((self.texts[n] for n in own), model.scores(self.counts[own]), strict=True))
        return scores

    def scores(self, texts: Sequence[str]) -> list[float | None]:
        """Mood of each text by the model of all ratings; None without a model."""
        model = self.trained_on(np.full(len(self.texts), fill_value=True))
        if model is None or not texts:
            return [None] * len(texts)
        masks = [masked(text, self.titles) for text in texts]
        distinct = sorted(set(masks))
        found = dict(zip(distinct, model.scores(self.counter.transform(distinct)), strict=True))
        return [found[mask] for mask in masks]


def scored_rows(
    texts: Iterable[str],
    ratings: Ratings,
    titles: frozenset[str],
    scored_with: str,
    known_languages: Mapping[str, str | None],
) -> pa.Table:
    """One row per text."""
    wanted, rated = sorted(texts), RatedTexts(ratings, titles)
    held_out = {} if set(rated.texts).isdisjoint(wanted) else rated.held_out_scores()
    languages = languages_of(wanted, known_languages)
    return pa.table(
        [
            wanted,
            [languages[text] for text in wanted],
            rated.scores(wanted),
            [held_out.get(text) for text in wanted],
            [scored_with] * len(wanted),
        ],
        schema=SCHEMA,
    )


def known_texts(session: Any, this: Any, wanted: Any) -> pa.Table:
    """Rows of the last build that are still wanted and that these rules gave; none on the first build."""
    columns = session.execute(
        "select column_name from duckdb_columns() where schema_name = ? and table_name = ? order by column_index",
        [this.schema, this.identifier],
    ).fetchall()
    if [name for (name,) in columns] != SCHEMA.names:
        return SCHEMA.empty_table()
    known = wanted.query(
        "wanted",
        f"select known.* from {this} as known semi join wanted on known.customer_text = wanted.customer_text "
        f"where starts_with(known.scored_with, '{RULES}')",
    )
    return known.to_arrow_table().cast(SCHEMA)


def model(dbt: Any, session: Any) -> pa.Table:
    """Score only texts that the last build has not scored by the same ratings."""
    dbt.config(materialized="table")
    wanted = dbt.ref("customer_texts")
    titles = dbt.ref("purchase_items").filter("product_title is not null").select("lower(product_title) as t")
    names = frozenset(title for (title,) in titles.distinct().fetchall())
    rated = dbt.ref("rated_texts").select("customer_text, good_count, bad_count").fetchall()
    ratings: Ratings = sorted(rated, key=lambda rating: (zlib.crc32(rating[0].encode()), rating[0]))[:MAX_TEXTS]
    fingerprint = zlib.crc32(repr((ratings, sorted(names))).encode())
    scored_with = f"{RULES}, ratings {fingerprint:08x}"
    last = known_texts(session, dbt.this, wanted)
    known = last.filter(pc.equal(last["scored_with"], scored_with))
    unknown = {text for (text,) in wanted.fetchall()} - set(known["customer_text"].to_pylist())
    if not unknown:
        return known
    languages = dict(zip(last["customer_text"].to_pylist(), last["text_language"].to_pylist(), strict=True))
    return pa.concat_tables([known, scored_rows(unknown, ratings, names, scored_with, languages)])
