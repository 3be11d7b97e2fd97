"""What a sample says of how people felt: the score of an answer, its survey, and what they wrote. Guesses, by rule."""

import re
from dataclasses import dataclass

from cdp_orchestration.sources.drafting.samples import Sample, filled, letters_of
from cdp_orchestration.sources.limits import SURVEY_SCALES

_SCORES = re.compile(
    r".*(score|rating|stars?|nps|csat|ces|satisfaction|bewertung|sterne|zufriedenheit|grade|points).*|.*recommend.*|.*empfehl.*"
)
_SURVEYS = (
    ("nps", re.compile(r".*(nps|recommend|empfehl|promoter).*")),
    ("ces", re.compile(r".*(ces|effort|howeasy|aufwand)")),
    ("csat", re.compile(r".*(csat|satisf|stars?|rating|review|bewertung|sterne|zufrieden|feedback).*")),
)
_COMMENTS = re.compile(
    r"(review|survey|customer|answer)?(comments?|feedback|content|text|body|message|remarks?|verbatim|review|kommentar|"
    r"bemerkung|commentaire|comentario)(text|body)?|.*(comment|verbatim|openended)"
)
# Streams in which people say how it was; elsewhere a comment may be that of anyone.
_VOICES = re.compile(r".*(survey|review|feedback|nps|csat|response|answer|ticket|conversation|complaint).*")
_MAX_DIGITS = 2


@dataclass(frozen=True)
class InferredAnswer:
    """The column of a score with its survey (nps, csat, ces, or a column that names it), and that of a comment."""

    score: str | None = None
    survey: str | None = None
    comment: str | None = None


def infer_answer(sample: Sample, stream: str) -> InferredAnswer:
    """Return what a sample says of how somebody felt who did something.

    Args:
        sample: some rows, of which each is something that was done.
        stream: the word for the stream.

    Returns:
        The guess; a score only where its heading, the stream or another column names the survey, and all of its values
        lie on the scale of that.
    """
    surveys = {name: survey for name in sample.columns if (survey := _survey(sample, name, letters_of(stream)))}
    score = next(iter(surveys), None)
    is_voice = score is not None or _VOICES.fullmatch(letters_of(stream))
    comments = (name for name in sample.columns if is_voice and name != score and _is_comment(sample, name))
    return InferredAnswer(score, surveys.get(score or ""), next(comments, None))


def _survey(sample: Sample, name: str, stream: str) -> str | None:
    given, letters = filled(sample.columns[name]), letters_of(name)
    is_number = bool(given) and all(value.isdecimal() and len(value) <= _MAX_DIGITS for value in given)
    if not is_number or not _SCORES.fullmatch(letters):
        return None
    named = (survey for said in (letters, stream) for survey, form in _SURVEYS if form.fullmatch(said))
    survey = next(named, None)
    if survey is None:
        return next((other for other in sample.columns if _names_surveys(sample, other)), None)
    lowest, highest = SURVEY_SCALES[survey]
    return survey if all(lowest <= int(value) <= highest for value in given) else None


def _names_surveys(sample: Sample, name: str) -> bool:
    words = {value.lower() for value in filled(sample.columns[name])}
    return bool(words) and words <= SURVEY_SCALES.keys()


def _is_comment(sample: Sample, name: str) -> bool:
    """Return whether a column is called so, or asks something, and has words."""
    is_called_so = _COMMENTS.fullmatch(letters_of(name)) or name.strip().endswith("?")
    return bool(is_called_so) and any(not value.isdecimal() for value in filled(sample.columns[name]))
