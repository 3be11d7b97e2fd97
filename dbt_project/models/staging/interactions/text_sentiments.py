"""Sentiment of what customers wrote, one row per distinct text."""

import re
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any

import pyarrow as pa
from py3langid.langid import MODEL_FILE, LanguageIdentifier
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

# Below this confidence the detected language is wrong about as often as right: two words are not enough.
MIN_CONFIDENCE = 0.4
# Results are reused as long as the same rules and the same releases of both libraries gave them.
SCORED_WITH = f"rules 1, py3langid {version('py3langid')}, vaderSentiment {version('vaderSentiment')}"
# Polite phrases of a letter: the lexicon scores them as positive, although complaints use them too.
COURTESY = re.compile(
    r"\b(please|pls|dear|help(?: me)?|(?:would|'d) like|(?:thanks|thank you) in advance|(?:kind|best|warm) regards)\b",
    re.I,
)
SCHEMA = pa.schema(
    [
        ("customer_text", pa.string()),
        ("text_language", pa.string()),
        ("sentiment_score", pa.float64()),
        ("scored_with", pa.string()),
    ]
)


def language_of(identifier: LanguageIdentifier, text: str) -> str | None:
    """ISO 639-1 code of the language, or None where the text is too short to detect it."""
    language, confidence = identifier.classify(text)
    return str(language) if confidence >= MIN_CONFIDENCE else None


def sentiment_of(analyzer: SentimentIntensityAnalyzer, text: str) -> float | None:
    """Sentiment of an English text, -1 (worst) to 1 (best), by VADER (Hutto and Gilbert, 2014).

    None where no word of the lexicon occurs: a text without evidence has no sentiment, not a neutral one.
    """
    scores = analyzer.polarity_scores(COURTESY.sub(" ", text))
    return float(scores["compound"]) if scores["pos"] or scores["neg"] else None


def scored_rows(texts: Iterable[str]) -> Iterator[dict[str, Any]]:
    """One row per text; only English ones have a score, since the lexicon covers no other language."""
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    analyzer = SentimentIntensityAnalyzer()
    for text in texts:
        language = language_of(identifier, text)
        yield {
            "customer_text": text,
            "text_language": language,
            "sentiment_score": sentiment_of(analyzer, text) if language == "en" else None,
            "scored_with": SCORED_WITH,
        }


def known_texts(session: Any, this: Any, wanted: Any) -> pa.Table:
    """Rows of the last build that are still wanted and that the same libraries gave; none on the first build."""
    exists = session.execute(
        "select 1 from duckdb_tables() where schema_name = ? and table_name = ?", [this.schema, this.identifier]
    ).fetchall()
    if not exists:
        return SCHEMA.empty_table()
    known = wanted.query(
        "wanted",
        f"select known.* from {this} as known semi join wanted on known.customer_text = wanted.customer_text "
        f"where known.scored_with = '{SCORED_WITH}'",
    )
    return known.to_arrow_table().cast(SCHEMA)


def model(dbt: Any, session: Any) -> pa.Table:
    """Score only texts that the last build has not scored: one takes a third of a millisecond."""
    dbt.config(materialized="table")
    tickets, answers = dbt.ref("stg_support__tickets"), dbt.ref("stg_support__survey_responses")
    texts = tickets.select("customer_text").union(answers.select("customer_text"))
    wanted = texts.filter("customer_text is not null").distinct()
    known = known_texts(session, dbt.this, wanted)
    done = set(known.column("customer_text").to_pylist())
    unknown = sorted({text for (text,) in wanted.fetchall()} - done)
    return pa.concat_tables([known, pa.Table.from_pylist(list(scored_rows(unknown)), schema=SCHEMA)])
