"""Given and family names go together: how much less an agreeing full name says is learnt from the records."""

import duckdb

from identity.model.trained_model import default_parameters
from identity.training.name_correlation import learn_name_correlation_penalty

# as often as the default u values of both names say together, in one pair of strangers of 200,000
_UNITS = 2_000


def _doubt(namesakes: int) -> float:
    """The doubt in units of which so many are strangers of one full name: other birth date, other postcode."""
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


def test_the_more_strangers_share_a_full_name_the_less_it_says() -> None:
    assert _doubt(namesakes=60) > _doubt(namesakes=20) > _doubt(namesakes=0)


def test_no_more_strangers_of_one_name_than_chance_expects_leave_hardly_a_doubt() -> None:
    assert _doubt(namesakes=0) < 1.0


def test_few_records_leave_the_usual_doubt() -> None:
    with duckdb.connect() as work:
        work.execute(
            "create table units as "
            "select 'jane' as given_name, 'doe' as family_name, '1' as date_of_birth, '2' as postcode"
        )
        assert learn_name_correlation_penalty(work, default_parameters()) == 4.0
