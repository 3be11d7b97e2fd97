"""What headings and values say of consents. Guesses, by rule."""

import re
from collections.abc import Iterable

from cdp_orchestration.sources.drafting.samples import Sample, filled, letters_of, members_of

Consent = tuple[str, str, tuple[str, ...], tuple[str, ...]]
"""Field, channel, granting and refusing values."""

# Answers that are each other's opposite: where a sample has one, the other one will come.
_ANSWERS = (
    ("yes", "no"), ("y", "n"), ("true", "false"), ("1", "0"), ("t", "f"), ("on", "off"), ("ja", "nein"), ("oui", "non"),
    ("si", "no"), ("sí", "no"), ("sim", "não"), ("granted", "refused"), ("granted", "denied"), ("enabled", "disabled"),
    ("subscribed", "unsubscribed"), ("opted_in", "opted_out"), ("opted-in", "opted-out"), ("opted in", "opted out"),
    ("opt-in", "opt-out"), ("optin", "optout"), ("opt_in", "opt_out"), ("consented", "withdrawn"),
)  # fmt: skip
_GRANTS = {grant for grant, _ in _ANSWERS}
_REFUSALS = {refusal for _, refusal in _ANSWERS} | {"cleaned", "withdrawn", "revoked", "no_consent"}
_WORDS_OF_LISTS = {"subscribed", "unsubscribed", "cleaned", "opted_in", "opted_out", "opted-in", "opted-out"}
_STATED = r"(optin|optedin|consent|permission|subscribed?|subscription|marketing|einwilligung)(state|status)?"
_CONSENTS = (
    ("post", rf".*(postal|directmail).*{_STATED}.*"),
    ("sms", rf".*(sms|text).*{_STATED}.*|.*{_STATED}.*(sms|text)"),
    ("call", rf".*(call|phone).*{_STATED}|.*{_STATED}.*(call|phone)"),
    (
        "email",
        (
            rf".*mail.*{_STATED}|.*{_STATED}.*e?mails?|.*newsletter.*|accepts?marketing|marketing(optin|consent)|"
            r"(is|has)?(optin|optedin|subscribed)|.*publicidad"
        ),
    ),
)
_OPTED_OUT = r"(optedout|optout|optsout|unsubscribed?|donot|stop|noconsent|abgemeldet)"
_OPT_OUTS = (
    ("post", r"donot(bulk)?(postal|direct)?mails?"),  # a mail that is no e-mail is a letter
    ("sms", rf".*(sms|text).*{_OPTED_OUT}.*|.*{_OPTED_OUT}.*(sms|text)"),
    ("call", rf".*(call|phone).*{_OPTED_OUT}|.*{_OPTED_OUT}.*(call|phone)"),
    ("email", rf".*mail.*{_OPTED_OUT}.*|.*{_OPTED_OUT}.*mails?|(is|has)?(unsubscribed|optedout)"),
)


def consents_of(sample: Sample) -> Iterable[Consent]:
    """Yield what a sample says of consents; that somebody has not opted out is none."""
    for name, values in sample.columns.items():
        said, letters = {value.lower() for value in filled(values)}, "".join(map(letters_of, members_of(name)))
        refused_channel = _channel(letters, _OPT_OUTS)
        channel = _channel(letters, _CONSENTS)
        if said & _WORDS_OF_LISTS and letters.endswith("status"):
            channel = channel or "email"
        if refused_channel and said <= _GRANTS | _REFUSALS:
            yes = tuple(sorted(grant for grant, _ in _answers(said)))
            yield from ([(name, refused_channel, (), yes)] if yes else ())
        elif channel and said & (_GRANTS | _REFUSALS):
            granted = tuple(sorted(grant for grant, _ in _answers(said)))
            refused = {refusal for _, refusal in _answers(said)} | (said & _REFUSALS)
            yield name, channel, granted, tuple(sorted(refused))


def _answers(said: set[str]) -> list[tuple[str, str]]:
    """Return the answers of which one was given; of several with one refusal the one that was granted, or the first."""
    found = [(grant, refusal) for grant, refusal in _ANSWERS if grant in said]
    for grant, refusal in _ANSWERS:
        if refusal in said and refusal not in {known for _, known in found}:
            found.append((grant, refusal))
    return found


def _channel(letters: str, forms: Iterable[tuple[str, str]]) -> str | None:
    return next((channel for channel, form in forms if re.fullmatch(form, letters)), None)
