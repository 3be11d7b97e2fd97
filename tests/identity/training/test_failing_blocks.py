"""A training block of which nothing can be learnt costs the other blocks nothing."""

from types import SimpleNamespace
from typing import Any

import pytest

from identity.training.training import _learn_within

KEYS = ("given_name", "phones[1]")


def _linker(message: str) -> Any:
    settings = SimpleNamespace(core_model_settings=SimpleNamespace(comparisons=["given_name", "phone", "email"]))

    def fail(*_: object, **__: object) -> None:
        settings.core_model_settings.comparisons = ["email"]
        raise ValueError(message)

    training = SimpleNamespace(estimate_parameters_using_expectation_maximisation=fail)
    return SimpleNamespace(_settings_obj=settings, training=training)


def test_the_comparisons_of_a_failing_block_are_learnt_from_the_next() -> None:
    linker = _linker("m_probability value 0.0 is below the minimum allowed value of 1e-300")
    assert _learn_within(linker, KEYS) is False
    assert linker._settings_obj.core_model_settings.comparisons == ["given_name", "phone", "email"]


def test_any_other_error_is_not_hidden() -> None:
    with pytest.raises(ValueError, match="no such column"):
        _learn_within(_linker("no such column"), KEYS)
