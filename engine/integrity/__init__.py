"""The history in the database itself, checked as an outsider would: chains, heads, seals, and the read tables."""

from engine.integrity.check import check_database, check_stream
from engine.integrity.findings import Checked, Finding
from engine.integrity.held import Held, read_held
from engine.integrity.opening import read_only

__all__ = ["Checked", "Finding", "Held", "check_database", "check_stream", "read_held", "read_only"]
