"""The names of where options come from, for whoever checks a form; `engine.handlers.sources` finds them."""

TAKES_A_VALUE = frozenset({"open_applications"})
"""Sources that are asked about the value of another field (`sourceOf`)."""
SOURCE_NAMES = TAKES_A_VALUE | {
    "application.fields",
    "departments",
    "entries",
    "grants",
    "lead_cases",
    "lead_targets",
    "organisations",
    "other_managing_departments",
    "own_entries",
    "provider_staff",
    "rectification_targets",
    "same_verifications",
    "supervised_departments",
    "target_grants",
}
"""Beside them a form may name `entry.items`, or a list that another form of the case holds: variable.field."""
