"""The process designer's workbench: a blueprint whose routes stand in the modules of this package."""

from web.designer import limits, models, publish, rehearse, what_if
from web.designer.base import bp

__all__ = ["bp", "limits", "models", "publish", "rehearse", "what_if"]
