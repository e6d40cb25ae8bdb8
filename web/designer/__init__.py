"""The process designer's workbench: a blueprint whose routes stand in the modules of this package."""

from web.designer import diagram, models, publish
from web.designer.base import bp

__all__ = ["bp", "diagram", "models", "publish"]
