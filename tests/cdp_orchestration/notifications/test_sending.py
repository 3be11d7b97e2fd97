"""Each event reaches each target once, over real sockets and pipes; one that is down hears of it later."""

import json
import os
import sqlite3
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from message_receivers import HOST, Taken, http_receiver, mail_receiver, text_of, write_certificate

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.notifications import (
    Finding,
    Observed,
    Report,
    notify,
    open_outbox,
    send_test,
    standing_findings,
)
from cdp_orchestration.notifications.dispatch import send_without_note
from cdp_orchestration.notifications.findings import KINDS

ALL = frozenset(KINDS)
LATE = Finding(
    "stale_source", "crm/contacts", "warning", "crm/contacts is late", "Ask whoever sends it.", "2026-01-01",
    counts={"hours": 50}, details=("jane.doe@example.com.csv",),
)  # fmt: skip
FAILED = Finding("failed_run", "sync", "critical", "A sync failed.", "Run `cdp sync`.", "r1", run_id="r1")


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "shop")


@pytest.fixture
def hook(home: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Taken]:
    with http_receiver() as taken:
        monkeypatch.setenv("HOOK", f"http://{HOST}:{taken.port}/secret")
        monkeypatch.setenv("TOKEN", "Bearer 1")
        _declare(home, "a: {kind: webhook, url: env:HOOK, headers: {Authorization: env:TOKEN}}")
        yield taken


def _declare(home: Settings, *targets: str) -> None:
    home.home.mkdir(exist_ok=True)
    home.notifications.write_text("targets:\n" + "".join(f"  {each}\n" for each in targets), encoding="utf-8")


def _notify(home: Settings, *findings: Finding, kinds: frozenset = ALL, is_patient: bool = False) -> Report:
    return notify(home, lambda _: [Observed(kinds, findings)], is_patient=is_patient, pause=lambda _: None)


def test_a_webhook_takes_the_documented_body_once(home, hook):
    assert _notify(home, LATE) == Report(1, ())
    assert _notify(home, LATE) == Report(0, ())
    (body,) = hook.bodies
    assert {**body, "id": "", "occurred_at": ""} == {
        "version": 1,
        "id": "",
        "kind": "stale_source",
        "severity": "warning",
        "home": "shop",
        "subject": "crm/contacts",
        "title": "[shop] warning: a source is late: crm/contacts",
        "what_happened": "crm/contacts is late",
        "what_to_do": "Ask whoever sends it. On the machine `cdp status` shows more.",
        "occurred_at": "",
        "since": None,
        "counts": {"hours": 50},
        "run_id": None,
        "recovers": None,
    }
    assert hook.headers[0]["Authorization"] == "Bearer 1"
    assert hook.headers[0]["Idempotency-Key"] == body["id"]


def test_what_stands_no_longer_is_heard_of_once_and_names_what_has_ended(home, hook):
    _notify(home, LATE)
    _notify(home)
    _notify(home)
    began, ended = hook.bodies
    assert ended["kind"] == "recovered"
    assert ended["title"] == "[shop] healthy again: crm/contacts"
    assert ended["recovers"] == {"id": began["id"], "kind": "stale_source"}


def test_what_was_not_looked_at_has_not_ended(home, hook):
    _notify(home, LATE, FAILED)
    _notify(home, FAILED, kinds=frozenset({"failed_run"}))
    assert [body["kind"] for body in hook.bodies] == ["stale_source", "failed_run"]
    assert [each.kind for each in standing_findings(home)] == ["stale_source", "failed_run"]


def test_a_gate_that_warned_and_now_refuses_is_not_said_to_be_healthy_again(home, hook):
    warned = Finding("check_warning", "staging.orders", "warning", "It warns.", "Look.")
    refused = Finding("blocked_release", "staging.orders", "critical", "It refuses.", "Correct it.")
    for findings in ((warned,), (refused,), ()):
        _notify(home, *findings)
    assert [body["kind"] for body in hook.bodies] == ["check_warning", "blocked_release", "recovered"]


def test_what_comes_back_is_another_event(home, hook, monkeypatch):
    times = iter(range(1_800_000_000, 1_900_000_000, 60))
    monkeypatch.setattr("cdp_orchestration.notifications.dispatch.time.time", lambda: float(next(times)))
    for findings in ((LATE,), (), (LATE,)):
        _notify(home, *findings)
    assert [body["kind"] for body in hook.bodies] == ["stale_source", "recovered", "stale_source"]
    assert len({body["id"] for body in hook.bodies}) == 3


def test_a_receiver_that_is_down_is_named_and_hears_all_in_order_later(home, hook):
    hook.answers = [503] * 3
    report = _notify(home, LATE, FAILED)
    assert report.sent == 0
    (problem,) = report.problems
    assert problem.startswith("Not notified: a: the server answered 503; 2 messages wait for the next sync")
    assert hook.asked == 3, "a message is tried again at once, and the next ones wait"
    assert _notify(home, LATE, FAILED).sent == 2
    assert [body["kind"] for body in hook.bodies] == ["stale_source", "failed_run"]


def test_a_receiver_that_is_down_for_a_moment_costs_no_later_try(home, hook):
    hook.answers = [503]
    assert _notify(home, LATE) == Report(1, ())


def test_between_two_syncs_a_receiver_that_is_down_is_left_alone_until_its_try_is_due(home, hook):
    hook.answers = [503] * 3
    _notify(home, LATE)
    assert _notify(home, LATE, is_patient=True) == Report(0, ())
    assert hook.asked == 3
    with sqlite3.connect(home.sent_notifications) as connection:
        connection.execute("update deliveries set next_at = 0")
    assert _notify(home, LATE, is_patient=True) == Report(1, ())


def test_one_target_that_is_down_keeps_nothing_from_another(home, hook, monkeypatch):
    monkeypatch.setenv("DOWN", f"http://{HOST}:1/secret")
    _declare(home, "down: {kind: webhook, url: env:DOWN}", "up: {kind: webhook, url: env:HOOK}")
    report = _notify(home, LATE)
    assert (report.sent, len(report.problems)) == (1, 1)
    assert "down: the connection was refused" in report.problems[0]
    assert "secret" not in report.problems[0]


def test_a_target_that_is_declared_later_hears_of_what_still_stands_alone(home, hook):
    text = home.notifications.read_text(encoding="utf-8")
    home.notifications.unlink()
    _notify(home, LATE, FAILED)
    _notify(home, LATE)
    home.notifications.write_text(text, encoding="utf-8")
    _notify(home, LATE)
    assert [body["kind"] for body in hook.bodies] == ["stale_source"]
    _notify(home)
    assert [body["kind"] for body in hook.bodies] == ["stale_source", "recovered"]


def test_many_processes_at_one_time_send_an_event_once(home, hook):
    threads = [threading.Thread(target=_notify, args=(home, LATE)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(hook.bodies) == 1


def test_a_redirect_is_not_followed(home, hook):
    hook.answers = [302] * 3
    assert "the server answered 302" in _notify(home, LATE).problems[0]
    assert hook.bodies == []


def test_a_declaration_that_cannot_be_read_fails_nothing_and_what_stands_is_kept(home, hook):
    text = home.notifications.read_text(encoding="utf-8")
    home.notifications.write_text("targets: [", encoding="utf-8")
    report = _notify(home, LATE)
    assert report.sent == 0
    assert report.problems[0].startswith(f"Nothing is sent: {home.notifications} line ")
    home.notifications.write_text(text, encoding="utf-8")
    assert _notify(home, LATE).sent == 1


def test_a_secret_that_is_not_there_is_named_by_its_reference(home, hook, monkeypatch):
    monkeypatch.delenv("TOKEN")
    assert "The secret env:TOKEN is empty or not there" in _notify(home, LATE).problems[0]


def test_headers_are_sent_without_encryption_to_this_machine_alone(home, hook, monkeypatch):
    monkeypatch.setenv("HOOK", "http://hooks.example.org/secret")
    (problem,) = _notify(home, LATE).problems
    assert "its headers would be sent without encryption" in problem
    assert "example.org" not in problem


def test_a_mail_goes_encrypted_with_a_login_and_the_same_id_for_every_try(home, tmp_path, monkeypatch):
    certificate = write_certificate(tmp_path / "mail.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("SMTP_USER", "cdp")
    (tmp_path / "password").write_text("pass word\n", encoding="utf-8")
    with mail_receiver(certificate) as taken:
        _declare(
            home,
            f"m: {{kind: email, host: {HOST}, port: {taken.port}, user: env:SMTP_USER, "
            f"password: 'file:{tmp_path}/password', sender: cdp@shop.example, to: [data@shop.example]}}",
        )
        assert _notify(home, FAILED) == Report(1, ())
        assert _notify(home, FAILED) == Report(0, ())
    (mail,) = taken.bodies
    assert taken.was_encrypted == [True]
    assert taken.logins == ["\0cdp\0pass word"]
    assert mail["Subject"] == "[shop] critical: a sync failed: sync"
    assert mail["To"] == "data@shop.example"
    assert mail["Message-ID"].startswith("<failed_run-")
    assert text_of(mail).splitlines()[:5] == [
        "A sync failed.",
        "",
        "What to do: Run `cdp sync`. On the machine `cdp status` shows more.",
        "",
        "Run: r1",
    ]


def test_a_mail_server_whose_certificate_is_not_trusted_gets_no_mail(home, tmp_path):
    with mail_receiver(write_certificate(tmp_path / "mail.pem")) as taken:
        _declare(home, f"m: {{kind: email, host: {HOST}, port: {taken.port}, sender: a@b.c, to: [d@e.f]}}")
        assert "its certificate is not trusted" in _notify(home, FAILED).problems[0]
    assert taken.bodies == []


def test_one_mailbox_that_is_refused_is_said_and_the_others_hear_once(home):
    with mail_receiver(refused=("gone@",)) as taken:
        _declare(
            home,
            f"m: {{kind: email, host: {HOST}, port: {taken.port}, security: none, sender: a@b.c, "
            "to: [here@shop.example, gone@shop.example]}",
        )
        assert _notify(home, FAILED).problems == ("Notification to m: 1 of 2 mailboxes were refused",)
        assert _notify(home, FAILED) == Report(0, ())
    assert len(taken.bodies) == 1


def test_a_command_reads_the_same_body_and_no_shell_reads_its_words(home, tmp_path):
    script = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read() + sys.argv[2] + chr(10))"
    taken = tmp_path / "taken"
    _declare(home, f"c: {{kind: command, command: [{sys.executable}, -c, \"{script}\", '{taken}', '; $HOME']}}")
    assert _notify(home, LATE) == Report(1, ())
    (line,) = taken.read_text(encoding="utf-8").splitlines()
    assert line.endswith("; $HOME")
    assert json.loads(line.removesuffix("; $HOME"))["kind"] == "stale_source"


def test_a_command_that_fails_is_tried_again_with_the_next_sync(home):
    _declare(home, "c: {kind: command, command: ['false']}", "d: {kind: command, command: [/no/such/program]}")
    first, second = _notify(home, LATE).problems
    assert "c: the command ended with 1" in first
    assert "d: the command cannot be started: it is not there" in second


def test_a_test_message_says_the_result_for_each_target(home, hook):
    _declare(
        home,
        "a: {kind: webhook, url: env:HOOK, events: [failed_run]}",
        "b: {kind: command, command: ['false']}",
    )
    first, second = send_test(home)
    assert (first.target, first.problem) == ("a", None)
    assert (second.target, second.problem) == ("b", "the command ended with 1")
    assert [body["kind"] for body in hook.bodies] == ["test"]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_where_nothing_can_be_written_that_is_said(home, hook):
    home.home.chmod(0o500)
    try:
        assert "cannot be written" in _notify(home, LATE).problems[0]
    finally:
        home.home.chmod(0o700)


def test_a_file_of_sent_messages_that_is_broken_is_said_and_critical_findings_are_still_sent(home, hook):
    home.sent_notifications.write_bytes(b"no database" * 100)
    assert "cannot be written" in _notify(home, LATE).problems[-1]
    assert send_without_note(home, Observed(ALL, (LATE, FAILED))) == Report(1, ())
    assert [body["kind"] for body in hook.bodies] == ["failed_run"]


def test_details_with_file_names_are_kept_for_the_terminal_and_never_sent(home, hook):
    _notify(home, LATE)
    assert standing_findings(home)[0].details == LATE.details
    assert "jane" not in json.dumps(hook.bodies)
    with open_outbox(home) as outbox:
        assert "jane" not in json.dumps([event.what for event in outbox.standing_events()])
