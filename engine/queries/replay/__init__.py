"""A case played again, event by event, with all that an auditor must be able to see beside each (C.7)."""

from engine.queries.replay.question import replay

__all__ = ["replay"]
