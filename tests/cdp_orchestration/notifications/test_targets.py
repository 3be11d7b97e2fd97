"""What a home declares about notifications: errors name file, line and field, and never repeat a secret."""

from pathlib import Path

import pytest

from cdp_orchestration.errors import DeclarationError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.notifications import Finding, read_notifications
from cdp_orchestration.notifications.findings import opened, recovered

SECRET = "https://hooks.example.org/T0/secret"
NOW = "2026-01-01T10:00:00+00:00"
LATE = Finding("stale_source", "crm/contacts", "warning", "crm/contacts is late", "ask")


def _settings(tmp_path: Path, text: str) -> Settings:
    (tmp_path / "notifications.yml").write_text(text, encoding="utf-8")
    return Settings(tmp_path)


def test_without_a_file_there_is_no_target(tmp_path):
    assert read_notifications(Settings(tmp_path)).targets == {}


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (f"{{kind: webhook, url: '{SECRET}'}}", "line 2: targets.a.url: a secret stands in a declaration"),
        (f"{{kind: webhook, url: env:U, headers: {{A: '{SECRET}'}}}}", "line 2: targets.a.headers.A: a secret"),
        ("{kind: webhook, url: env:U, evnts: []}", "line 2: targets.a.evnts: a declaration has no such key"),
        ("{kind: webhook, url: env:U, events: [late]}", "line 2: targets.a.events.0: found 'late'"),
        ("{kind: webhook}", "line 2: targets.a.url: this key is missing"),
        ("{kind: pigeon}", "line 2: targets.a: "),
        ("{kind: command, command: []}", "line 2: targets.a.command: "),
        ("{kind: email, host: h, sender: x, to: [a@b.c]}", "line 2: targets.a.sender: found 'x'"),
        ("{kind: email, host: h, sender: a@b.c, to: ['a@b.c\\nBcc: x@y.z']}", "line 2: targets.a.to.0"),
        ("{kind: email, host: h, sender: a@b.c, to: [a@b.c], user: env:U}", "found one of user and password"),
        (
            "{kind: email, host: h, sender: a@b.c, to: [a@b.c], user: env:U, password: env:P, security: none}",
            "a password would be sent without encryption",
        ),
    ],
)
def test_an_error_names_file_line_and_field_and_no_secret(tmp_path, line, error):
    settings = _settings(tmp_path, f"targets:\n  a: {line}\n")
    with pytest.raises(DeclarationError) as raised:
        read_notifications(settings)
    assert f"{settings.notifications} {error}" in str(raised.value) or error in str(raised.value)
    assert "`cdp notify list` reads it again" in str(raised.value)
    assert "secret" not in str(raised.value).replace("a secret stands", "")


def test_a_file_that_is_no_mapping_is_refused_with_what_it_should_hold(tmp_path):
    with pytest.raises(DeclarationError, match="expected `targets:`"):
        read_notifications(_settings(tmp_path, "- a\n"))


def test_a_target_wants_all_events_unless_it_chooses(tmp_path):
    declared = read_notifications(
        _settings(
            tmp_path,
            "targets:\n"
            "  all: {kind: command, command: [a]}\n"
            "  severe: {kind: command, command: [a], min_severity: critical}\n"
            "  runs: {kind: command, command: [a], events: [failed_run, recovered]}\n"
            "  late: {kind: command, command: [a], events: [stale_source]}\n",
        )
    )
    event = opened(LATE, NOW)
    wants = {name for name, target in declared.targets.items() if target.wants(event)}
    ended = {name for name, target in declared.targets.items() if target.wants(recovered(LATE, event.event_id, NOW))}
    assert wants == {"all", "late"}
    assert ended == {"all"}
