"""The auditor's desk: a blueprint whose routes stand in the modules of this package."""

from web.audit import conformance, desk, heat, replay, statistics, statistics_cases, variants
from web.audit.base import bp

__all__ = ["bp", "conformance", "desk", "heat", "replay", "statistics", "statistics_cases", "variants"]
