"""The auditor's desk: a blueprint whose routes stand in the modules of this package."""

from web.audit import conformance, desk, exports, replay
from web.audit.base import bp

__all__ = ["bp", "conformance", "desk", "exports", "replay"]
