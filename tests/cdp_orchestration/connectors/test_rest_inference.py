import pytest
from api_server import Answered, Api, StoppedClock

from cdp_orchestration.connectors.connecting import connector_of
from cdp_orchestration.connectors.fetching import FetchError
from cdp_orchestration.sources.drafting.api_inference import rest_from_url

ROWS = [{"id": 1}, {"id": 2}]


@pytest.mark.parametrize(
    ("body", "headers", "rows", "paging"),
    [
        (ROWS, {"Link": '</v1/people?page=2>; rel="next"'}, (), "link_header"),
        (
            {"data": {"people": ROWS}, "included": ROWS[:1], "next": "/v1/people?after=2"},
            {},
            ("data", "people"),
            "body_link",
        ),
        ({"value": ROWS, "@odata.nextLink": "http://127.0.0.1/x"}, {}, ("value",), "body_link"),
        ({"people": ROWS, "next": "b3BhcXVl"}, {}, ("people",), "one_page"),
    ],
)
def test_an_answer_shows_its_rows_and_the_link_to_the_next_page(body, headers, rows, paging):
    with Api(lambda asked: Answered(body, headers=headers)) as api:
        found = rest_from_url(f"{api.url}/v1/people?active=1", clock=StoppedClock())
        sample = connector_of(found, StoppedClock()).sample(1)

    assert (found.rows, found.paging.kind, found.params) == (rows, paging, {"active": "1"})
    assert sample == ['{"id": 1}']


@pytest.mark.parametrize("body", [{"message": "hello"}, {"people": ROWS, "orders": ROWS}])
def test_an_answer_without_one_list_of_objects_is_an_error(body):
    with Api(lambda asked: Answered(body)) as api, pytest.raises(FetchError, match="Declare rows"):
        rest_from_url(f"{api.url}/v1", clock=StoppedClock())
