"""The auditor's desk: a blueprint whose routes stand in the modules of this package."""

from web.audit import access, checks, desk, search
from web.audit.base import bp

__all__ = ["access", "bp", "checks", "desk", "search"]
