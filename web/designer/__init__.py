"""The process designer's workbench: a blueprint whose routes stand in the modules of this package."""

from web.designer import (
    compare,
    decisions,
    diagram,
    documents,
    forms,
    limits,
    models,
    publish,
    rehearse,
    what_if,
    words,
)
from web.designer.base import bp

__all__ = [
    "bp",
    "compare",
    "decisions",
    "diagram",
    "documents",
    "forms",
    "limits",
    "models",
    "publish",
    "rehearse",
    "what_if",
    "words",
]
