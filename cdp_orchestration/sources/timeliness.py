"""When a source is loaded by itself, and how old the newest delivery of a stream may become."""

import re
from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from cdp_orchestration.sources.formats import TimeZone
from cdp_orchestration.sources.mappings import Declared

_UNITS = {"minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400}
_MAX_AGE = timedelta(days=3660)
# Minute, hour, day of the month, month, day of the week (0 and 7 are Sunday)
_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_CRON_PART = re.compile(r"(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/(\d{1,2}))?")
_EXAMPLE = 'such as "0 * * * *" (every full hour) or "30 6 * * 1-5"'


def _cron(value: str) -> str:
    fields = value.split()
    if len(fields) != len(_BOUNDS):
        raise ValueError(f"expected five fields (minute, hour, day, month, day of the week), {_EXAMPLE}")
    for field, (lowest, highest) in zip(fields, _BOUNDS, strict=True):
        for part in field.split(","):
            found = _CRON_PART.fullmatch(part)
            first, last, step = found.groups() if found else (None, None, None)
            numbers = [int(each) for each in (first, last) if each]
            in_range = all(lowest <= number <= highest for number in numbers) and numbers == sorted(numbers)
            if not found or not in_range or step == "0" or (step and first and not last):
                raise ValueError(
                    f"{field} is none of {lowest} to {highest}; expected a time in cron's form, {_EXAMPLE}"
                )
    return " ".join(fields)


def _age(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"(\d{1,5}) ?(minute|hour|day|week)s?", value.strip())
    if not found or not int(found[1]):
        raise ValueError("expected a number of minutes, hours, days or weeks, such as 26 hours")
    age = timedelta(seconds=int(found[1]) * _UNITS[found[2]])
    if age > _MAX_AGE:
        raise ValueError("expected at most ten years, such as 26 hours")
    return age


Cron = Annotated[str, AfterValidator(_cron)]
Age = Annotated[timedelta, BeforeValidator(_age, json_schema_input_type=str)]


class Schedule(Declared):
    """When a source is loaded by itself; the time alone where nothing else is said."""

    cron: Cron = Field(description="Minute, hour, day of the month, month, day of the week.")
    time_zone: TimeZone | None = Field(None, description="Whose clock that is; without it that of the company.")

    @model_validator(mode="before")
    @classmethod
    def _of_time(cls, value: Any) -> Any:
        return {"cron": value} if isinstance(value, str) else value


class Freshness(Declared):
    """How old the newest delivery of a stream may become: later than ``warn`` warns, later than ``fail`` is an error.

    One age alone warns: whoever declares no more has not said when it is an error.
    """

    warn: Age | None = Field(None, description="From this age on the UI warns, such as 26 hours.")
    fail: Age | None = Field(None, description="From this age on it is an error; the release follows all the same.")

    @model_validator(mode="before")
    @classmethod
    def _of_age(cls, value: Any) -> Any:
        return {"warn": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Self:
        if self.warn is None and self.fail is None:
            raise ValueError("expected an age, such as 26 hours, or warn and fail with an age each")
        if self.warn and self.fail and self.warn >= self.fail:
            raise ValueError("warn is not below fail; expected the warning first, such as warn: 26 hours, fail: 3 days")
        return self
