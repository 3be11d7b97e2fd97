"""The streams of the support desk: Zendesk exports, and the answers to surveys."""

from cdp_orchestration.streams.fields import UNSTAGED, boolean, derived, integer, json_text, text, timestamp
from cdp_orchestration.streams.stream import Stream

STREAMS = (
    Stream(
        "support",
        "users",
        "Zendesk User",
        key=("id",),
        cursor="updated_at",
        staged_grain="One row per user of the support desk, agents included, newest version.",
        fields=(
            text("id", "user_id"),
            text("name", "full_name"),
            text("email"),
            text("phone"),
            text("role", "user_role", "end-user, agent or admin."),
            text("external_id", "customer_id", "Shop customer id, when the desk knows it."),
            text("locale", means="Language and region, such as en-GB."),
            text("time_zone"),
            text("organization_id", "organisation_id", "Zendesk's id of the organisation."),
            boolean("verified", "is_verified", "Whether the user has proved the address."),
            json_text("tags"),
            timestamp("created_at", not_after="updated_at"),
            timestamp("updated_at"),
        ),
    ),
    Stream(
        "support",
        "tickets",
        "Zendesk Ticket",
        key=("id",),
        cursor="updated_at",
        staged_grain="One row per ticket, newest version.",
        fields=(
            text("id", "ticket_id"),
            text("requester_id", means="Zendesk's id of the user who asked."),
            text("subject", means="Subject as the customer wrote it."),
            text("description", means="First message."),
            text("status", "ticket_status", "State of the ticket."),
            text("priority", means="Urgency."),
            text("type", "ticket_type", "Kind: question, incident, problem, task."),
            json_text("via", UNSTAGED, "Channel by which the ticket came (JSON)."),
            json_text("tags"),
            json_text("satisfaction_rating", UNSTAGED, "The rating of the ticket: score and comment (JSON)."),
            timestamp("created_at", not_after="updated_at"),
            timestamp("updated_at"),
        ),
        derived=(
            derived("via_channel", "Channel by which the ticket came."),
            derived("satisfaction_rating", "good, bad, offered or unoffered."),
            derived("satisfaction_comment", "What the customer wrote with the rating."),
            derived(
                "customer_text", "What the customer wrote, description (else subject) and the comment on the rating."
            ),
        ),
    ),
    Stream(
        "support",
        "ticket_metrics",
        "Zendesk Ticket Metric",
        key=("ticket_id",),
        cursor="updated_at",
        staged_grain="One row per ticket with its times and counts, newest version.",
        fields=(
            text("ticket_id"),
            integer("reopens", "reopen_count"),
            integer("replies", "reply_count", "How many replies were sent."),
            json_text(
                "reply_time_in_minutes",
                UNSTAGED,
                "Minutes until the first reply, by calendar and business hours (JSON).",
            ),
            json_text(
                "full_resolution_time_in_minutes",
                UNSTAGED,
                "Minutes until the full resolution, by calendar and business hours (JSON).",
            ),
            timestamp("solved_at", means="When the ticket was solved (UTC).", not_after="updated_at"),
            timestamp("updated_at"),
        ),
        derived=(
            derived("first_reply_minutes"),
            derived("resolution_minutes", "Minutes until the full resolution."),
        ),
    ),
    Stream(
        "support",
        "survey_responses",
        "survey answer",
        key=("response_id",),
        cursor="responded_at",
        staged_grain="One row per answer to a survey, newest version.",
        fields=(
            text("response_id", means="Id of the answer."),
            text("survey", "survey_type"),
            text("comment", "customer_text", "What the customer wrote."),
            text("email"),
            text("user_id"),
            text("order_id"),
            text("ticket_id"),
            text("channel", means="Channel by which the survey came."),
            integer("score", "survey_score"),
            timestamp("responded_at", means="Cursor: when the answer was given (UTC)."),
        ),
    ),
)
