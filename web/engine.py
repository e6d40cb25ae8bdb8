"""The engine behind the current request."""

from flask import current_app, request

from engine.app import Engine


def engine() -> Engine:
    """Return what `create_app` was given."""
    found: Engine = current_app.extensions["engine"]
    return found


def command_id() -> str:
    """Return the id that the page put into its form, so that a double click is one command."""
    return request.form.get("command_id", "")[:100] or request.headers.get("Idempotency-Key", "")[:100]
