"""All that is planted at the gates of landed streams."""

from cdp_orchestration.benchmark.planted.damages_of_persons import PERSONS
from cdp_orchestration.benchmark.planted.damages_of_sales import SALES
from cdp_orchestration.benchmark.planted.damages_of_service import SERVICE

DAMAGES = (*PERSONS, *SALES, *SERVICE)
