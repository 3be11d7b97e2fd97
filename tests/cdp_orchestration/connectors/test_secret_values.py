from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from cdp_orchestration.connectors.secret_values import SecretMissingError, SecretReference, secret_value
from cdp_orchestration.destinations.declaration import read_destinations
from cdp_orchestration.errors import CdpError, DeclarationError
from cdp_orchestration.home.settings import DBT_PROJECT_DIR, Settings
from cdp_orchestration.landing.samples import sample_of_file
from cdp_orchestration.notifications.declaration import read_notifications
from cdp_orchestration.open_tier.declaration import read_open_tier
from cdp_orchestration.sources import declared_streams
from cdp_orchestration.sources.drafting.additions import add_source
from cdp_orchestration.sources.drafting.inference import infer
from cdp_orchestration.sources.drafting.origins import origin_of

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


HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5"
CONNECTED = """
source: club
streams:
  members:
    key: [id]
    fields: {{id: identifier}}
    from: {from_}
"""


@pytest.mark.parametrize(
    "from_",
    [
        '{{kind: postgres, url: "file:{place}", table: members}}',
        '{{kind: files, path: "file:{place}"}}',
        '{{kind: files, path: "sftp://h/x", user: u, host_key: "KEY", password: "file:{place}"}}',
        '{{kind: rest, base_url: "https://x.example", path: m, auth: {{kind: bearer, token: "file:{place}"}}}}',
    ],
)
def test_a_secret_in_a_file_of_the_home_is_refused_with_its_line(tmp_path: Path, from_):
    home = Settings(home=tmp_path / "home")
    home.own_sources.mkdir(parents=True)
    (tmp_path / "link").symlink_to(home.home)
    inside = [home.home / "token", home.own_sources / "token", tmp_path / "link" / "token", DBT_PROJECT_DIR / "token"]
    for place in inside:
        text = CONNECTED.format(from_=from_.format(place=place)).replace("KEY", HOST_KEY)
        (home.own_sources / "club.yml").write_text(text, encoding="utf-8")
        with pytest.raises(DeclarationError, match=r"club.yml line 7: .*lies inside the home.*Move it"):
            declared_streams(home)

    outside = CONNECTED.format(from_=from_.format(place=tmp_path / "token")).replace("KEY", HOST_KEY)
    (home.own_sources / "club.yml").write_text(outside, encoding="utf-8")
    assert declared_streams(home)[-1].name == "members"


@pytest.mark.parametrize(
    ("file", "text", "read"),
    [
        ("notifications.yml", 'targets: {{t: {{kind: webhook, url: "file:{place}"}}}}', read_notifications),
        ("open_tier.yml", 'key: "file:{place}"', lambda home: read_open_tier(home.open_tier)),
        (
            "destinations.yml",
            'destinations: {{d: {{kind: postgres, url: "file:{place}"}}}}',
            read_destinations,
        ),
    ],
)
def test_no_other_declaration_of_a_home_takes_a_secret_from_it(tmp_path: Path, file, text, read):
    home = Settings(home=tmp_path / "home")
    home.home.mkdir()
    (home.home / file).write_text(text.format(place=home.home / "secret"), encoding="utf-8")

    with pytest.raises(CdpError, match="lies inside the home"):
        read(home)


def test_no_draft_takes_a_secret_from_the_home(tmp_path: Path):
    home = Settings(home=tmp_path / "home")
    (tmp_path / "a.csv").write_text("id,email\n1,a@x.example\n2,b@x.example\n", encoding="utf-8")
    sample = sample_of_file(tmp_path / "a.csv")
    origin = origin_of(f"postgres:file:{home.home}/token", "members", None, {})

    with pytest.raises(DeclarationError, match="lies inside the home"):
        add_source(home, "club/members", infer(sample), origin)
