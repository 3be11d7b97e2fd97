from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from cdp_orchestration.connectors.secret_values import SecretMissingError, SecretReference, secret_value

declared = TypeAdapter(SecretReference)


def test_a_secret_is_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", " shh-1 \n")

    assert secret_value("env:SHOP_TOKEN") == "shh-1"


def test_a_secret_is_the_first_line_of_a_file(tmp_path: Path):
    place = tmp_path / "token"
    place.write_text("shh-2\nwritten by the operator\n", encoding="utf-8")

    assert secret_value(f"file:{place}") == "shh-2"


@pytest.mark.parametrize("written", ["shh-3", "env:", "file:", "postgresql://me:shh-3@host/shop", ""])
def test_a_secret_in_a_declaration_is_refused_and_not_repeated(written):
    with pytest.raises(ValidationError) as refused:
        declared.validate_python(written)

    assert "shh-3" not in refused.value.errors(include_input=False)[0]["msg"]


def test_a_missing_secret_is_named_by_its_place(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", "  ")

    with pytest.raises(SecretMissingError, match="env:SHOP_TOKEN"):
        secret_value("env:SHOP_TOKEN")
    with pytest.raises(SecretMissingError, match="nowhere"):
        secret_value(f"file:{tmp_path / 'nowhere'}")


def test_a_secret_that_cannot_be_read_is_named_by_its_place_and_reason(tmp_path: Path):
    (tmp_path / "key").write_bytes(b"\xff\xfe\x00shh")

    with pytest.raises(SecretMissingError, match=r"key cannot be read: it is no text in UTF-8"):
        secret_value(f"file:{tmp_path / 'key'}")
    with pytest.raises(SecretMissingError, match="it gives IsADirectoryError"):
        secret_value(f"file:{tmp_path}")


def test_the_mark_of_byte_order_is_no_part_of_a_secret(tmp_path: Path):
    (tmp_path / "token").write_text("shh-4\r\n", encoding="utf-8-sig")

    assert secret_value(f"file:{tmp_path / 'token'}") == "shh-4"
