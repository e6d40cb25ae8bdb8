"""The readable report of a case file."""
