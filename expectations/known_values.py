"""The values that a column of words can have, each list declared here once.

The gates read it as it stands. dbt's models and tests read it through the macro ``known_values``, which is generated
from here (``cdp_orchestration/dbt/generated_files.py``).
"""

from typing import Final

CHANNELS: Final = ("web", "mobile_app", "store", "email", "phone", "chat", "social", "paid_media", "direct_mail")
"""Where a touchpoint happens."""

ATTRIBUTION_CHANNELS: Final = (*CHANNELS, "direct", "store_walk_in")
"""What an order is credited to: a channel, or where no visit led to it, what it is called then."""

CONSENT_CHANNELS: Final = ("email", "sms", "call", "post", "push", "ads")
"""By what a company reaches somebody, each with a consent of its own."""

CONSENT_PURPOSES: Final = ("marketing", "service")
"""For what it does so."""

STAGES: Final = ("awareness", "research", "purchase", "delivery", "service", "repurchase", "advocacy")
"""The stages of a customer's journey, in order."""

RECORD_TYPES: Final = (
    "crm.contact",
    "ecommerce.customer",
    "ecommerce.guest_order",
    "ecommerce.anonymous_visitor",
    "in_store.loyalty_member",
    "in_store.payment_card",
    "in_store.receipt",
    "support.user",
    "support.survey_respondent",
)
"""The person records of the sources that ship, each as <source>.<record type>."""

EDGE_REASONS: Final = (
    "exact_duplicate",
    "same_loyalty_number",
    "same_shop_customer_id",
    "same_card_fingerprint",
    "same_other_identifier",
    "probabilistic_match",
    "joined_clusters",
    "must_link",
    "same_record_key",
)
"""Why two person records are linked."""

LINK_REASONS: Final = ("only_record", *EDGE_REASONS)
"""Why a person record belongs to its profile."""

NON_LINK_REASONS: Final = (
    "cannot_link",
    "changed_identity",
    "conflicting_evidence",
    "fits_two_people",
    "too_many_loyalty_numbers",
    "too_many_shop_customer_ids",
    "too_many_emails",
    "too_many_phones",
    "too_many_birth_dates",
    "too_many_records",
)
"""Why two person records that might be linked are in two profiles."""

SUPPRESSION_REASONS: Final = ("too_many_names", "blocklisted", "several_names", "several_loyalty_numbers")
"""Why a shared identifier value is no evidence of identity."""

EVENT_TYPES: Final = ("created", "merged", "split", "retired", "erased", "kept")
"""What can happen to a profile."""

KNOWN_VALUES: Final = {
    "channels": CHANNELS,
    "attribution_channels": ATTRIBUTION_CHANNELS,
    "stages": STAGES,
    "edge_reasons": EDGE_REASONS,
    "link_reasons": LINK_REASONS,
    "non_link_reasons": NON_LINK_REASONS,
    "suppression_reasons": SUPPRESSION_REASONS,
    "event_types": EVENT_TYPES,
}
"""Every list under the name that dbt uses."""
