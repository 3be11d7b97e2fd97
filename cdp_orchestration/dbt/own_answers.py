"""The columns of a home's own interactions that say what it felt like: the answer to a survey, and what was written."""

from collections.abc import Iterator, Mapping

from cdp_orchestration.dbt.own_sql import as_jinja, mapping_of
from cdp_orchestration.sources import Stream
from cdp_orchestration.sources.interaction_mapping import InteractionMapping
from cdp_orchestration.sources.limits import SURVEY_SCALES


def answer_columns(stream: Stream, mapped: InteractionMapping, staged: Mapping[str, str]) -> Iterator[str]:
    """Yield the SQL of the columns of a stream's interactions that say what somebody felt; none without any.

    Args:
        stream: the stream.
        mapped: which of its fields is what.
        staged: the column of staging by field.

    Yields:
        survey_type, survey_score, satisfaction_score and effort_score of a score, customer_text of a comment.
    """
    if mapped.score:
        score, survey = staged[mapped.score], mapping_of(stream).fields[mapped.score].survey or ""
        named = f"'{survey}'" if survey in SURVEY_SCALES else _known_survey(staged[survey])
        arguments = f"{as_jinja(named)}, {as_jinja(score)}"
        yield f"if({score} is null, null, {named}) as survey_type"
        yield f"{score}::integer as survey_score"
        yield f"{{{{ satisfaction_of({arguments}) }}}} as satisfaction_score"
        yield f"{{{{ effort_of({arguments}) }}}} as effort_score"
    if mapped.comment:
        yield f"nullif(trim({staged[mapped.comment]}::varchar), '') as customer_text"


def _known_survey(column: str) -> str:
    known = ", ".join(f"'{survey}'" for survey in SURVEY_SCALES)
    return f"case when lower(trim({column})) in ({known}) then lower(trim({column})) end"
