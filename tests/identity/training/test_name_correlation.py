"""Given and family names are correlated: how much less evidence a full name is, is learnt from the records."""

import duckdb

from identity.model.trained_model import default_parameters
from identity.training.name_correlation import learn_name_correlation_penalty

# the default u values of both names predict one full name among 200,000 pairs of strangers
_UNITS = 2_000


def _penalty(namesakes: int) -> float:
    """The penalty that these units teach: so many are strangers with one full name, by date of birth and postcode."""
    with duckdb.connect() as work:
        work.execute(
            f"""
            create table units as
            select
                if(i < {namesakes}, 'jane', 'given' || i) as given_name,
                if(i < {namesakes}, 'doe', 'family' || i) as family_name,
                'birth' || i as date_of_birth,
                'postcode' || i as postcode
            from range({_UNITS}) as t(i)
            """
        )
        return learn_name_correlation_penalty(work, default_parameters())


def test_the_more_strangers_share_a_full_name_the_less_evidence_it_is() -> None:
    assert _penalty(namesakes=60) > _penalty(namesakes=20) > _penalty(namesakes=0)


def test_no_more_strangers_of_one_name_than_chance_expects_have_hardly_a_penalty() -> None:
    assert _penalty(namesakes=0) < 1.0


def test_few_records_have_the_default_penalty() -> None:
    with duckdb.connect() as work:
        work.execute(
            "create table units as "
            "select 'jane' as given_name, 'doe' as family_name, '1' as date_of_birth, '2' as postcode"
        )
        assert learn_name_correlation_penalty(work, default_parameters()) == 4.0
