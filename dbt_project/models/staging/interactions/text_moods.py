"""Language and mood of what customers wrote, one row per distinct text.

The mood is learnt from the company's own ratings: texts that stand beside a rating or a survey's answer. Groups of
letters are weighed (tf-idf) and a logistic regression separates good from bad, so that any language with enough ratings
is covered. Names of products are left out: what is sold is no mood. A rated text is also scored by a model that never
saw it, nor any text that differs from it in a product alone; what those scores are worth decides whether a language is
scored at all (text_mood_evidence).
"""

import zlib
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

import numpy as np
import pyarrow as pa
from py3langid.langid import MODEL_FILE, LanguageIdentifier

# Below this confidence the detected language is wrong about as often as right: two words are not enough.
MIN_CONFIDENCE = 0.4
MIN_RATINGS = 50  # of each kind; fewer teach nothing
MAX_TEXTS = 5_000  # more change little, and cost seconds
FOLDS = 5
LONGEST_TITLE = 6  # words
LIBRARIES = f"py3langid {version('py3langid')}, scikit-learn {version('scikit-learn')}"
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


def masked(text: str, titles: frozenset[str]) -> str:
    """The text in lower case, each product's name replaced by one sign."""
    words = text.lower().split()
    kept, place = [], 0
    while place < len(words):
        length = next(
            (n for n in range(LONGEST_TITLE, 0, -1) if " ".join(words[place : place + n]).strip(".,;:!?") in titles), 0
        )
        kept.append("_" if length else words[place])
        place += max(length, 1)
    return " ".join(kept)


def fold_of(masked_text: str) -> int:
    """The part of the ratings that a text belongs to: texts that are equal but for products are in one."""
    return zlib.crc32(masked_text.encode()) % FOLDS


def trained(ratings: Ratings, titles: frozenset[str]) -> Any | None:
    """The model of these ratings (text, good, bad); None with too few of a kind."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # importing it takes seconds
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    counts = np.array([[good, bad] for _, good, bad in ratings]).reshape(-1, 2)
    if counts.sum(axis=0).min() < MIN_RATINGS:
        return None
    texts = [masked(text, titles) for text, _, _ in ratings]
    model = make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, max_features=30_000),
        LogisticRegression(class_weight="balanced", max_iter=300),
    )
    is_good = np.repeat([True, False], len(texts))
    weights = counts.T.reshape(-1)
    return model.fit(texts + texts, is_good, logisticregression__sample_weight=weights)


def mood_scores(model: Any | None, texts: list[str], titles: frozenset[str]) -> list[float | None]:
    """Mood of each text, -1 (bad) to 1 (good); None without a model."""
    if model is None or not texts:
        return [None] * len(texts)
    chances = model.predict_proba([masked(text, titles) for text in texts])[:, 1]
    return [round(2 * float(chance) - 1, 2) for chance in chances]


def held_out_scores(ratings: Ratings, titles: frozenset[str]) -> dict[str, float | None]:
    """Score of each rated text by the model of the other parts."""
    folds = [fold_of(masked(text, titles)) for text, _, _ in ratings]
    scores: dict[str, float | None] = {}
    for fold in range(FOLDS):
        model = trained([rating for rating, own in zip(ratings, folds, strict=True) if own != fold], titles)
        texts = [text for (text, _, _), own in zip(ratings, folds, strict=True) if own == fold]
        scores.update(zip(texts, mood_scores(model, texts, titles), strict=True))
    return scores


def scored_rows(texts: Iterable[str], ratings: Ratings, titles: frozenset[str], scored_with: str) -> pa.Table:
    """One row per text."""
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    wanted = sorted(texts)
    is_any_rated = not {text for text, _, _ in ratings}.isdisjoint(wanted)
    held_out = held_out_scores(ratings, titles) if is_any_rated else {}
    return pa.table(
        [
            wanted,
            [language_of(identifier, text) for text in wanted],
            mood_scores(trained(ratings, titles), wanted, titles),
            [held_out.get(text) for text in wanted],
            [scored_with] * len(wanted),
        ],
        schema=SCHEMA,
    )


def known_texts(session: Any, this: Any, wanted: Any, scored_with: str) -> pa.Table:
    """Rows of the last build that are still wanted and that the same model gave; none on the first build."""
    columns = session.execute(
        "select column_name from duckdb_columns() where schema_name = ? and table_name = ? order by column_index",
        [this.schema, this.identifier],
    ).fetchall()
    if [name for (name,) in columns] != SCHEMA.names:
        return SCHEMA.empty_table()
    known = wanted.query(
        "wanted",
        f"select known.* from {this} as known semi join wanted on known.customer_text = wanted.customer_text "
        f"where known.scored_with = '{scored_with}'",
    )
    return known.to_arrow_table().cast(SCHEMA)


def model(dbt: Any, session: Any) -> pa.Table:
    """Score only texts that the last build has not scored by the same ratings."""
    dbt.config(materialized="table")
    tickets, answers = dbt.ref("stg_support__tickets"), dbt.ref("stg_support__survey_responses")
    wanted = tickets.select("customer_text").union(answers.select("customer_text"))
    wanted = wanted.filter("customer_text is not null").distinct()
    titles = dbt.ref("purchase_items").filter("product_title is not null").select("lower(product_title) as t")
    names = frozenset(title for (title,) in titles.distinct().fetchall())
    rated = dbt.ref("rated_texts").select("customer_text, good_count, bad_count").fetchall()
    ratings: Ratings = sorted(rated, key=lambda rating: (zlib.crc32(rating[0].encode()), rating[0]))[:MAX_TEXTS]
    fingerprint = zlib.crc32(repr((ratings, sorted(names))).encode())
    scored_with = f"rules 2, {LIBRARIES}, ratings {fingerprint:08x}"
    known = known_texts(session, dbt.this, wanted, scored_with)
    unknown = {text for (text,) in wanted.fetchall()} - set(known.column("customer_text").to_pylist())
    if not unknown:
        return known
    return pa.concat_tables([known, scored_rows(unknown, ratings, names, scored_with)])
