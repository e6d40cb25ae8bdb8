"""Addresses of our own."""

from urllib.parse import urlsplit

from flask import url_for


def local(target: str) -> str:
    """Return the target if it is a path of ours; a link elsewhere would make us a springboard."""
    parts = urlsplit(target)
    plain = (
        target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    )
    return target if plain and not parts.netloc and not parts.scheme else url_for("inbox.show")
