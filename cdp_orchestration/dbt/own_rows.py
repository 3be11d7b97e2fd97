"""What a home's own streams add to lists of the project: meanings of events, consents, references to records."""

from collections.abc import Iterable, Iterator

from cdp_orchestration.dbt.own_sql import as_text, has_event_words, is_one_of, mapping_of, record_id, text_list
from cdp_orchestration.home.sql_text import quoted
from cdp_orchestration.sources import Stream
from cdp_orchestration.sources.event_words import event_words
from cdp_orchestration.sources.interaction_mapping import DEFAULT_EVENT

Seeds = dict[str, list[tuple[str, ...]]]


def own_seed_rows(streams: Iterable[Stream]) -> Seeds:
    """Return the rows that the streams add to seeds: what their events mean, which consent their fields state."""
    rows: Seeds = {"touchpoint_taxonomy": [], "consent_sources": []}
    for stream in streams:
        mapping = mapping_of(stream)
        if stream.is_own and mapping.interaction:
            kind = f"{stream.source}.{mapping.interaction.record_type}"
            for event, means in mapping.interaction.taxonomy.items():
                facts = (means.touchpoint_type, means.channel, means.stage, str(means.effort_weight))
                words = event
                if event != DEFAULT_EVENT:
                    words = event_words(event, len(mapping.interaction.event))
                # Where words decide nothing each row has the one event that "*" says: it is no other one
                named = [f"{kind}.{words}"] if has_event_words(mapping.interaction) else [f"{kind}.{words}", kind]
                last = str(means.is_creditable).lower()
                rows["touchpoint_taxonomy"] += [(name, *facts, last) for name in named]
        if stream.is_own and mapping.person:
            rows["consent_sources"] += [
                (f"{stream.source}.{name}", consent.channel, consent.purpose)
                for name, consent in mapping.person.named_consents
            ]
    # Two streams of a source may have one kind of records; what they say of it is the same (``consistency.py``).
    return {seed: list(dict.fromkeys(found)) for seed, found in rows.items()}


def referred_record_types(streams: Iterable[Stream]) -> list[str]:
    """Return the kinds of person records, as ``<source>.<record type>``, whose ids the streams name as identifiers."""
    persons = (stream.mapping.person for stream in streams if stream.is_own and stream.mapping)
    return sorted({kind for person in persons if person for kind in person.identifiers if "." in kind})


def own_consents(stream: Stream) -> Iterator[dict[str, str]]:
    """Yield, for each consent of a home's own stream, the arguments of the macro ``delivered_consent``."""
    person = mapping_of(stream).person if stream.is_own else None
    if not person:
        return
    contacts = {
        "emails": text_list(person.emails),
        "phones": text_list(person.phones),
        "country": as_text(person.country) if person.country else "null::varchar",
    }
    for name, consent in person.named_consents:
        granted, refused = (is_one_of(quoted(consent.field), values) for values in (consent.granted, consent.refused))
        yield {
            "table": stream.table,
            "source_field": f"{stream.source}.{name}",
            "record_id": record_id(stream),
            "cursor": quoted(stream.cursor) if stream.cursor else "_loaded_at",
            "state": f"case when {granted} then 'granted' when {refused} then 'refused' end",
            "evidence": f"if({granted}, '{consent.evidence}', 'opt_out')",
            "stated_at": quoted(consent.stated_at) if consent.stated_at else "null::timestamp",
            **contacts,
        }
