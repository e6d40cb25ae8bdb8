"""The auditor's desk: a blueprint whose routes stand in the modules of this package."""

from web.audit import (
    access,
    case_files,
    checks,
    conformance,
    desk,
    exports,
    heat,
    replay,
    search,
    statistics,
    statistics_cases,
    variants,
    verification,
)
from web.audit.base import bp

__all__ = [
    "access",
    "bp",
    "case_files",
    "checks",
    "conformance",
    "desk",
    "exports",
    "heat",
    "replay",
    "search",
    "statistics",
    "statistics_cases",
    "variants",
    "verification",
]
