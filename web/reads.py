"""The access log of pages and API: every answer that shows a case leaves a row before it leaves the platform.

The cases come from the questions themselves (`engine.handlers.access.seen`), so a new page is noted whether or not
it is named here; a test asks that it is named. Lists are no reads: they show numbers, titles and states.
"""

import logging

from flask import Flask, Response, g, request

from engine.app import Engine
from engine.errors import Message, Refused
from engine.handlers.access import note_shown
from engine.people import Actor
from engine.trace.access import Shown
from web.errors import page, problem
from web.language import said

READS: dict[str, str] = {
    "cases.show": "case",
    "cases.act": "act",
    "cases.do_act": "act",
    "cases.document": "document",
    "cases.attachment": "attachment",
    "cases.view_attachment": "attachment",
    "records.show": "records",
    "records.template": "task",
    "deadlines.show": "limit",
    "tasks.show": "task",
    "tasks.complete": "task",
    "tasks.save_draft": "task",
    "task_parts.effects": "effects",
    "task_parts.diagram": "diagram",
    "task_parts.history": "history",
    "task_parts.task_comments": "comments",
    "task_parts.case_comments": "comments",
    "seals.export": "export",
    "incidents.show": "incident",
    "versions.migration": "migration",
    "audit.case_file": "file",
    "audit.verify_case": "history",
    "audit.verify_file": "history",  # where a case was asked for, not a file
    "audit.case_reads": "readers",
    "audit.case": "conformance",
    "audit.case_xes": "export",
    "audit.replay_case": "replay",
    "audit.replay_data": "replay",
    "audit.print_replay": "replay",
    "api.get_instance": "case",
    "api.get_user_task": "task",
    "api.get_deadline": "limit",
    "api.get_records": "records",
    "api.get_incident": "incident",
    "api.get_migration": "migration",
    "api.history": "history",
    "api.export": "export",
    "api.case_verbs": "verbs",
    "api.task_verbs": "verbs",
    "api.foresee_user_task": "effects",
}
"""Endpoint → what of a case it shows, a code of `engine.trace.reads.WHATS`."""
LISTS: dict[str, str] = {
    "audit.ask_case_file": "the form that asks for the reason names the case by its number",
    "bulk.ask": "a list of tasks with what a verb does to each",
    "inbox.show": "a list of tasks",
    "inbox.rows": "a list of tasks",
    "task_parts.state": "whether an open page is still up to date",
    "verbs.disposal": "an administrator sees a number and nothing of what it is about",
    "verbs.find_disposal": "leads to it",
    "starts.index": "what a person may begin",
    "versions.propose": "the form of a proposal names the case by its number",
    "grants.show": "a grant; the case behind it is linked for those who may see it",
    "grants.uses": "the register of use of a grant",
    "api.find_instances": "a list",
    "api.find_user_tasks": "a list",
}
"""Endpoints that look at cases and show none, each with the reason."""
_SHOWN = (200, 206, 409, 422)  # a form that came back shows its task again


def watch(app: Flask, engine: Engine) -> None:
    """Note what every answer shows."""

    @app.before_request
    def _begin() -> None:
        g.shown = note_shown()

    @app.after_request
    def _note(response: Response) -> Response:
        actor: Actor | None = g.get("actor")
        if actor is None or not _shows(response):
            return response
        keys = sorted(case for person, case in g.get("shown", ()) if person == actor.user_key)
        if not keys:
            return response
        try:
            engine.access_log.note(actor, [_shown(key) for key in keys])
        except Exception as fault:
            # What cannot be noted is not shown: a reader nobody knows of is what the log is there to prevent.
            logging.getLogger("shixian").exception("a read of %s could not be noted", request.path)
            return _withheld(fault)
        return response


def _shows(response: Response) -> bool:
    endpoint = request.endpoint or ""
    if response.status_code not in _SHOWN or endpoint in LISTS:
        return False
    return request.method in ("GET", "HEAD") or endpoint in READS


def _shown(instance_key: int) -> Shown:
    endpoint, values = request.endpoint or "", request.view_args or {}
    subject = values.get("table", values.get("key"))
    return Shown(
        instance_key,
        READS.get(endpoint, "other"),
        "api" if request.path.startswith("/v2/") else "page",
        subject if isinstance(subject, int) and subject != instance_key else None,
    )


def _withheld(fault: Exception) -> Response:
    refusal = fault if isinstance(fault, Refused) else _UNNOTED
    if request.path.startswith("/v2/"):
        return problem(503, "not_noted", refusal.zh, refusal.en, {})
    text, status = page(503, said(refusal))
    return Response(text, status)


_UNNOTED = Message(
    "查阅记录暂时不能保存，为此不予显示，请稍后重试。",
    "Your reading cannot be noted just now, so nothing is shown. Try again in a moment.",
)
