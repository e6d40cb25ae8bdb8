"""Catalogue entries as values: their fields in words, the comparison of two versions, credit codes. Pure."""

from engine.catalogue.compare import Comparison, FieldChange, ItemChange, compare
from engine.catalogue.credit_code import credit_code
from engine.catalogue.fields import FIELDS, of_version, worded

__all__ = [
    "FIELDS",
    "Comparison",
    "FieldChange",
    "ItemChange",
    "compare",
    "credit_code",
    "of_version",
    "worded",
]
