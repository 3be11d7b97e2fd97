"""Damages of what happened between: events of the site, campaigns, tickets, users of the support desk, surveys."""

from cdp_orchestration.benchmark.planted.damage import damage as _of
from cdp_orchestration.benchmark.planted.rows import (
    all_of,
    exchange,
    inside,
    nothing,
    of_others,
    put,
    rewritten,
    shifted,
)

EVENTS, CAMPAIGNS, TICKETS, USERS = "ecommerce/events", "crm/campaign_members", "support/tickets", "support/users"
SURVEYS, TIMES = "support/survey_responses", "support/ticket_metrics"
_flipped = put("score", lambda row: str({"csat": 6, "ces": 8, "nps": 10}[row["survey"]] - int(row["score"])))


def _cut(content: bytes) -> bytes:
    return content[: len(content) * 3 // 5]


SERVICE = (
    _of("bots on the site", EVENTS, put("anonymousId", "6f1c2b1e-0000-4000-8000-000000000000"), "commonest", "warns"),
    _of("a hundredth of the events", EVENTS, nothing, "rows", "warns", of="next", rows=3),
    _of("events have no visitor", EVENTS, put("anonymousId", None), "filled"),
    _of("events have no customer", EVENTS, put("userId", None), "filled"),
    _of("customers of events in another form", EVENTS,
        rewritten("userId", lambda text: f"gid://shop/{text}"), "filled"),
    _of("names of events are rewritten", EVENTS, rewritten("event", lambda text: text.lower().replace(" ", "_")),
        "known", "warns"),
    _of("events a year off", EVENTS,
        all_of(*(shifted(name, days=-365) for name in ("timestamp", "originalTimestamp", "sentAt"))), "outlying"),
    _of("a campaign type is renamed", CAMPAIGNS, put("CampaignType", lambda row: f"New {row['CampaignType']}"), "known",
        "warns"),
    _of("an export of campaigns is cut within a line", CAMPAIGNS, nothing, "refused", "warns", recoded=_cut),
    _of("an export of tickets is cut within a line", TICKETS, nothing, "refused", "warns", recoded=_cut),
    _of("an old state of campaigns once more", CAMPAIGNS, nothing, "went back", of="old"),
    _of("every campaign goes to one contact", CAMPAIGNS, put("ContactId", "0035e0000000001AAA"), "shared"),
    _of("campaigns go to others", CAMPAIGNS, nothing, "altered", of="again", rearranged=of_others("ContactId")),
    _of("tickets of others", TICKETS, nothing, "altered", of="again", rearranged=of_others("requester_id")),
    _of("campaigns go to no one", CAMPAIGNS, put("ContactId", ""), "filled"),
    _of("contacts and campaigns exchanged", CAMPAIGNS, exchange("ContactId", "CampaignId"), "misplaced"),
    _of("every ticket is of one user", TICKETS, put("requester_id", 9700000001), "shared"),
    _of("tickets of no one", TICKETS, put("requester_id", None), "filled"),
    _of("all tickets are new again", TICKETS, put("status", "new"), "mix", "warns"),
    _of("all ratings are bad", TICKETS, inside("satisfaction_rating", "score", "bad"), "mix", "warns"),
    _of("texts of tickets are cut", TICKETS, rewritten("description", lambda text: text[:10]), "length", "warns"),
    _of("texts of tickets by a machine in another language", TICKETS,
        put("description", lambda row: f"お問い合わせありがとうございます {row['id']}"), "length", "warns"),
    _of("texts of tickets go null", TICKETS, put("description", None), "filled", "warns"),
    _of("texts in a wrong encoding", TICKETS,
        rewritten("description", lambda text: text.encode().decode("cp1252", "replace")), "garbled", "warns"),
    _of("times in seconds", TIMES,
        inside("full_resolution_time_in_minutes", "calendar",
               lambda times: times["calendar"] and min(times["calendar"] * 60, 5_000_000)), "middle"),
    _of("users of another form", USERS, put("id", lambda row: f"U{row['id']}"), "known"),
    _of("users without an e-mail", USERS, put("email", None), "filled"),
    _of("every user is an agent", USERS, put("role", "agent"), "mix", "warns"),
    _of("every new user is inactive", USERS, put("active", False), "ended"),
    _of("names are exchanged for e-mails", USERS, exchange("name", "email"), "known"),
    _of("scores flipped", SURVEYS, _flipped, "score"),
    _of("scores flipped in all rows", SURVEYS, _flipped, "changed", of="again"),
    _of("everybody answers with the best", SURVEYS,
        put("score", lambda row: {"csat": "5", "ces": "7", "nps": "10"}[row["survey"]]), "score"),
    _of("scores of a hundred", SURVEYS, put("score", "100"), "filled"),
    _of("answers in the future", SURVEYS, shifted("responded_at", days=900), "corrected"),
    _of("answers of no one", SURVEYS, all_of(put("email", ""), put("order_id", ""), put("user_id", "")), "filled"),
)  # fmt: skip
