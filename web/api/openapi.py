"""The OpenAPI description, made from the routes that exist."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue

_METHODS = {"GET", "POST", "PUT", "DELETE"}


def register(bp: Blueprint) -> None:
    """Put the route on the API's blueprint."""
    bp.get("/openapi.json")(describe)


def describe() -> ResponseReturnValue:
    """Return OpenAPI 3.1."""
    paths: dict[str, dict[str, Any]] = {}
    for rule in current_app.url_map.iter_rules():
        if not rule.rule.startswith("/v2/"):
            continue
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        view = current_app.view_functions[rule.endpoint]
        for method in sorted((rule.methods or set()) & _METHODS):
            paths.setdefault(path, {})[method.lower()] = _operation(rule, method, view)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Shixian 时限",
            "version": "2",
            "description": "Errors are problem details (RFC 9457).",
        },
        "servers": [{"url": "/"}],
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic"},
            },
            "schemas": {"Problem": _PROBLEM},
        },
        "security": [{"bearer": []}, {"basic": []}],
        "paths": dict(sorted(paths.items())),
    }


_MULTIPART = (
    "/v2/user-tasks/<int:key>/attachments",
    "/v2/user-tasks/<int:key>/records/<field>",
    "/v2/deployments",
)
_FILES = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "required": ["files"],
            "properties": {
                "files": {"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}}
            },
        }
    }
}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "detail_zh": {"type": "string"},
        "code": {"type": "string"},
        "errors": {"type": "object"},
    },
}

_FORMS = {"day": r"^\d{4}-\d{2}-\d{2}$", "year": r"^\d{4}$"}
_View = TypeVar("_View", bound=Callable[..., Any])


def _pattern(rule: Any, name: str) -> dict[str, str]:
    if name in _FORMS:
        return {"pattern": _FORMS[name]}
    return {"pattern": r"^\d+$"} if f"<int:{name}>" in rule.rule else {}


def takes(**parameters: str) -> Callable[[_View], _View]:
    """Say what a route takes in its query; a text that begins with * is of a required one."""

    def mark(view: _View) -> _View:
        view.__dict__["query"] = parameters
        return view

    return mark


def _operation(rule: Any, method: str, view: Callable[..., Any]) -> dict[str, Any]:
    doc = view.__doc__ or ""
    parameters: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", **_pattern(rule, name)},
        }
        for name in sorted(rule.arguments)
    ]
    for name, text in getattr(view, "query", {}).items():
        parameters.append(
            {
                "name": name,
                "in": "query",
                "required": text.startswith("*"),
                "description": text.removeprefix("*"),
                "schema": {"type": "string"},
            }
        )
    operation: dict[str, Any] = {
        "operationId": rule.endpoint.rsplit(".", 1)[-1] + "_" + re.sub(r"\W+", "_", rule.rule.strip("/")),
        "summary": doc.strip().split("\n")[0],
        "responses": {
            "2XX": {"description": "Done."},
            "default": {
                "description": "Refused; nothing was written.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        },
    }
    if parameters:
        operation["parameters"] = parameters
    if method in ("POST", "PUT"):
        uploads = rule.rule in _MULTIPART
        content = _FILES if uploads else {"application/json": {"schema": {"type": "object"}}}
        operation["requestBody"] = {"content": content, "required": uploads}
    return operation
