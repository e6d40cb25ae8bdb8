"""The process designer's workbench: a blueprint whose routes stand in the modules of this package."""

from web.designer import models, publish, rehearse
from web.designer.base import bp

__all__ = ["bp", "models", "publish", "rehearse"]
