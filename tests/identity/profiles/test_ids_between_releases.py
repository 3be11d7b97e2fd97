"""Between any two releases ids follow one rule, whatever was decided and never published in between."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

import pyarrow as pa
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from id_rule import Seen, assert_ids_follow_the_rule

from identity import OVERRIDE_CHANGES, REPLACED, ProfileChanges, assign_profile_ids

START = datetime(2026, 5, 4, tzinfo=UTC)
RECORDS = [f"crm:contact:{n:02}" for n in range(9)]
PARTITIONS = st.dictionaries(st.sampled_from(RECORDS), st.integers(0, 4), max_size=9)
# how a run ends: its release is published, or no reader ever sees what it decided (a kill, a gate, a second training)
STEPS = st.lists(st.tuples(PARTITIONS, st.booleans(), st.sampled_from([None, "new_model_version"])), max_size=7)


def _clusters(labels: dict[str, object]) -> pa.Table:
    return pa.table(
        {
            "person_record_id": pa.array(labels, pa.string()),
            "cluster_id": pa.array([str(label) for label in labels.values()], pa.string()),
            "link_reason": pa.array(["probabilistic_match"] * len(labels), pa.string()),
            "match_probability": pa.array([0.99] * len(labels), pa.float64()),
        }
    )


@dataclass
class Home:
    """What readers last saw, and what was decided since."""

    published: ProfileChanges | None = None
    stored: ProfileChanges | None = None
    runs: int = 0
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def decide(self, labels: dict[str, object], **options: object) -> ProfileChanges:
        self.runs += 1
        self.stored = assign_profile_ids(
            _clusters(labels),
            self.published.assignments if self.published else None,
            previous_redirects=self.published.redirects if self.published else None,
            unpublished=self.stored.assignments if self.stored else None,
            now=START + timedelta(days=self.runs),
            run_id=f"run-{self.runs}",
            new_id=lambda: f"p{next(self.numbers):03}",
            **options,
        )
        return self.stored

    def publish(self, labels: dict[str, object], **options: object) -> ProfileChanges:
        self.published = self.decide(labels, **options)
        return self.published


def _profiles(changes: ProfileChanges | None) -> dict[str, str]:
    rows = changes.assignments.to_pylist() if changes else []
    return {row["person_record_id"]: row["profile_id"] for row in rows}


def _redirects(changes: ProfileChanges | None) -> dict[str, str | None]:
    return {row["old_profile_id"]: row["profile_id"] for row in changes.redirects.to_pylist()} if changes else {}


def _events(changes: ProfileChanges) -> list[tuple[str, str, str | None]]:
    return [(row["event_type"], row["profile_id"], row["other_profile_id"]) for row in changes.events.to_pylist()]


def _seen(changes: ProfileChanges | None, events: bool = False) -> Seen:
    if changes is None:
        return Seen()
    firsts = {row["person_record_id"]: row["profile_id_first"] for row in changes.assignments.to_pylist()}
    return Seen(_profiles(changes), firsts, _redirects(changes), tuple(_events(changes)) if events else ())


@settings(deadline=None, max_examples=examples(8), suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_the_rule_holds_between_any_two_releases(steps):
    home = Home()
    for labels, is_published, cause in steps:
        before = home.published
        decided = home.decide(labels, cause=cause)
        assert_ids_follow_the_rule(_seen(before), _seen(decided, events=True))
        if is_published:
            home.published = decided


@settings(deadline=None, max_examples=examples(8), suppress_health_check=[HealthCheck.too_slow])
@given(PARTITIONS, st.lists(PARTITIONS, max_size=3), PARTITIONS)
def test_decisions_that_no_reader_saw_leave_no_trace(first, unseen, last):
    interrupted, straight = Home(), Home()
    for home in (interrupted, straight):
        home.publish(first)
    for labels in unseen:
        interrupted.decide(labels)
    seen = set(_profiles(straight.published).values())
    ids, expected = _profiles(interrupted.publish(last)), _profiles(straight.publish(last))

    # new ids may differ in their number alone
    pairs = set(zip(ids.values(), expected.values(), strict=True))
    assert len(pairs) == len(set(ids.values())) == len(set(expected.values()))
    assert all(found == wanted for found, wanted in pairs if {found, wanted} & seen)
    assert _redirects(interrupted.published).keys() == _redirects(straight.published).keys()
    assert interrupted.published
    assert straight.published
    assert len(_events(interrupted.published)) == len(_events(straight.published))


def test_a_second_decision_of_one_sync_is_measured_by_the_last_release():
    home = Home()
    home.publish({"loyalty": "member", "shop": "customer"})
    member, customer = _profiles(home.published)["loyalty"], _profiles(home.published)["shop"]

    home.decide({"loyalty": "both", "shop": "both"})
    parted = home.publish({"loyalty": "member", "shop": "customer"}, cause="new_model_version")

    assert _profiles(parted) == {"loyalty": member, "shop": customer}
    assert parted.events.num_rows == parted.redirects.num_rows == 0


def test_a_repeated_run_gives_the_ids_that_no_reader_has_seen_again():
    home = Home()
    home.publish({"a": 1})
    first = home.decide({"a": 1, "b": 2})
    again = home.decide({"a": 1, "b": 2, "c": 3})

    assert _profiles(first).items() <= _profiles(again).items()
    row = again.assignments.to_pylist()[1]
    assert row["linked_at"] == first.assignments.to_pylist()[1]["linked_at"]
    new_ids = list(_profiles(again).values())[1:]
    assert _events(again) == [("created", profile, None) for profile in new_ids]


def test_after_an_undo_everybody_has_the_former_id_and_it_redirects_no_more():
    home = Home()
    before = _profiles(home.publish({"crm:contact:1": 1, "shop:customer:2": 2}))
    joined = home.publish({"crm:contact:1": 1, "shop:customer:2": 1})
    assert set(_profiles(joined).values()) == {min(before.values())}

    undone = home.publish({"crm:contact:1": 1, "shop:customer:2": 2})

    assert _profiles(undone) == before
    assert undone.redirects.num_rows == 0
    assert _events(undone) == [("split", min(before.values()), max(before.values()))]


def test_of_two_parts_of_one_size_the_id_stays_with_those_who_had_it_first():
    home = Home()
    # the record that sorts last is the first owner of the older id
    home.publish({"z": 1})
    before = _profiles(home.publish({"z": 1, "a": 2}))
    home.publish({"z": 1, "a": 1})

    assert _profiles(home.publish({"z": 1, "a": 2})) == before


def test_an_id_that_another_profile_uses_is_not_taken_back():
    home = Home()
    first = _profiles(home.publish({"a": 1, "b": 2, "c": 2}))
    home.publish({"a": 1, "b": 1, "c": 2})

    parted = _profiles(home.publish({"a": 1, "b": 3, "c": 2}))

    assert parted["c"] == first["c"]
    assert parted["b"] not in first.values()


def test_an_older_redirect_goes_back_with_its_own_people():
    home = Home()
    alone = _profiles(home.publish({"a": 1, "b": 2, "c": 3, "d": 3}))
    home.publish({"a": 1, "b": 3, "c": 3, "d": 3})  # b joins c and d
    home.publish({"a": 1, "b": 1, "c": 1, "d": 1, "e": 1})
    assert set(_redirects(home.published)) == {alone["a"], alone["b"]}

    home.publish({"a": 1, "b": 3, "c": 3, "d": 3})

    assert _redirects(home.published) == {alone["b"]: alone["c"]}
    assert _profiles(home.published)["a"] == alone["a"]


def test_the_id_stays_with_the_records_that_still_say_what_they_said():
    home = Home()
    before = _profiles(home.publish({"a": 1, "b": 1}))

    row = {"person_record_id": "a", "stays_with": "b", "is_kept": False}
    replaced = pa.Table.from_pylist([row], schema=REPLACED)
    after = _profiles(home.publish({"a": 1, "b": 2}, replaced=replaced))

    assert after["b"] == before["b"] != after["a"]
    assert {row["cause"] for row in home.published.events.to_pylist()} == {"record_changed_everything"}
    assert home.publish({"a": 1, "b": 2}).events.num_rows == 0


def test_a_record_that_is_kept_by_its_key_is_an_event():
    home = Home()
    profile = _profiles(home.publish({"a": 1, "b": 1, "c": 2}))["a"]
    rows = [{"person_record_id": key, "stays_with": "b", "is_kept": True} for key in ("a", "c")]

    after = home.publish({"a": 1, "b": 1, "c": 3}, replaced=pa.Table.from_pylist(rows[:1], schema=REPLACED))

    assert _events(after) == [("kept", profile, None)]
    assert _causes(after) == {("kept", "same_record_key", None, None)}


def _decision(decision: str, left: str, right: str) -> pa.Table:
    row = {
        "override_id": "f3",
        "decision": decision,
        "person_record_id_left": left,
        "person_record_id_right": right,
        "decided_by": "ines",
        "why": "a phone call",
    }
    return pa.Table.from_pylist([row], schema=OVERRIDE_CHANGES)


def _causes(changes: ProfileChanges) -> set[tuple[str, str, str | None, str | None]]:
    rows = changes.events.to_pylist()
    return {(row["event_type"], row["cause"], row["override_id"], row["decided_by"]) for row in rows}


def test_a_merge_and_its_undo_name_the_person_who_decided():
    home = Home()
    home.publish({"a": 1, "b": 2, "c": 3})
    linked = home.publish({"a": 1, "b": 1, "c": 3}, decisions=_decision("must_link", "a", "b"))
    assert _causes(linked) == {("merged", "override_must_link", "f3", "ines")}

    undone = home.publish({"a": 1, "b": 2, "c": 3}, decisions=_decision("withdrawn_must_link", "b", "a"))
    assert _causes(undone) == {("split", "withdrawn_must_link", "f3", "ines")}


def test_every_part_of_a_separated_profile_names_the_decision_and_what_has_nothing_to_do_with_it_does_not():
    home = Home()
    home.publish({"a": 1, "b": 1, "c": 1, "d": 4, "e": 4})

    parted = home.publish(
        {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5},
        decisions=_decision("cannot_link", "a", "b"),
        cause="new_model_version",
    )

    causes = Counter((row["event_type"], row["cause"]) for row in parted.events.to_pylist())
    assert causes == {
        ("created", "override_cannot_link"): 2,
        ("split", "override_cannot_link"): 2,
        ("created", "new_model_version"): 1,
        ("split", "new_model_version"): 1,
    }


def test_a_decision_that_changed_nothing_is_no_cause_and_deletions_and_arrivals_have_their_own():
    home = Home()
    home.publish({"a": 1, "b": 1, "c": 2})

    after = home.publish(
        {"a": 1, "b": 1, "d": 4}, decisions=_decision("must_link", "a", "b"), cause="new_model_version"
    )

    assert _causes(after) == {("created", "new_records", None, None), ("retired", "no_records_left", None, None)}
