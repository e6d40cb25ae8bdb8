"""Whole pages, and the same pages inside another one."""

from flask import request

PAGE, PANE = "base.html", "pane.html"


def layout() -> str:
    """Return the template a page extends: without head and navigation where a script asks for it to show it."""
    return PANE if request.headers.get("X-Shixian-Part") else PAGE
