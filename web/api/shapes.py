"""Rows as the API shows them."""

from datetime import datetime
from typing import Any

from engine.calendar.data import notice_data
from engine.clock import instant_text
from engine.explanation_data import explanation_data
from engine.queries.calendar import NoticeLine
from engine.queries.views import DeadlineView

TENANT = "<default>"
TASK_STATES = {"open": "CREATED", "completed": "COMPLETED", "cancelled": "CANCELED"}


def at(value: datetime | None) -> str | None:
    """Return an instant as RFC 3339 text."""
    return None if value is None else instant_text(value)


def user_task(row: Any) -> dict[str, Any]:
    """Return a user task in Camunda's shape."""
    return {
        "userTaskKey": str(row.key),
        "elementInstanceKey": str(row.key),
        "processInstanceKey": str(row.instance_key),
        "rootProcessInstanceKey": str(row.instance_key),
        "processDefinitionKey": str(row.definition_key),
        "processDefinitionId": row.process_id,
        "processDefinitionVersion": row.version,
        "processName": row.process_name,
        "businessId": row.business_id,
        "elementId": row.element_id,
        "name": row.name,
        "state": TASK_STATES.get(row.state, "CREATED"),
        "assignee": row.assignee_name,
        "candidateGroups": [f"{row.organisation_key}.{row.role}"],
        "candidateUsers": [],
        "creationDate": at(row.created_at),
        "completionDate": at(row.ended_at),
        "dueDate": at(row.due_at) if row.state == "open" else None,
        "followUpDate": None,
        "formKey": None,
        "externalFormReference": None,
        "customHeaders": {},
        "priority": 50,
        "tags": [],
        "tenantId": TENANT,
    }


def instance(row: Any) -> dict[str, Any]:
    """Return a case in Camunda's shape, with our own fields beside."""
    ended = "TERMINATED" if row.state in ("withdrawn", "void") else "COMPLETED"
    return {
        "processInstanceKey": str(row.key),
        "rootProcessInstanceKey": str(row.key),
        "processDefinitionKey": str(row.definition_key),
        "processDefinitionId": row.process_id,
        "processDefinitionName": row.process_name,
        "processDefinitionVersion": row.version,
        "processDefinitionVersionTag": None,
        "businessId": row.business_id,
        "startDate": at(row.started_at),
        "endDate": at(row.ended_at),
        "state": "ACTIVE" if row.ended_at is None else ended,
        "suspendedDate": None,
        "hasIncident": row.incidents > 0,
        "parentProcessInstanceKey": None,
        "parentElementInstanceKey": None,
        "tags": [],
        "tenantId": TENANT,
        "title": row.title,
        "caseState": row.state,
        "result": row.result,
        "overdue": row.overdue,
    }


ERROR_TYPES = {
    "condition": "CONDITION_ERROR",
    "gateway": "CONDITION_ERROR",
    "expression": "EXTRACT_VALUE_ERROR",
    "correlation": "EXTRACT_VALUE_ERROR",
    "limit": "EXTRACT_VALUE_ERROR",
    "service": "JOB_NO_RETRIES",
    "decision": "DECISION_EVALUATION_ERROR",
}
"""Camunda's names for what failed; what it has no name for is UNKNOWN."""


def incident(row: Any) -> dict[str, Any]:
    """Return an incident in Camunda's shape, with our own fields beside."""
    return {
        "incidentKey": str(row.key),
        "processDefinitionKey": str(row.definition_key),
        "processDefinitionId": row.process_id,
        "processInstanceKey": str(row.instance_key),
        "rootProcessInstanceKey": str(row.instance_key),
        "errorType": ERROR_TYPES.get(row.kind, "UNKNOWN"),
        "errorMessage": row.cause_en,
        "elementId": row.element_id,
        "elementInstanceKey": str(row.key),
        "creationTime": at(row.raised_at),
        "state": "ACTIVE" if row.state == "open" else "RESOLVED",
        "jobKey": None,
        "tenantId": TENANT,
        "businessId": row.business_id,
        "elementName": row.name,
        "kind": row.kind,
        "step": row.step,
        "errorMessageZh": row.cause,
        "input": row.input,
        "tries": row.tries,
        "lastTryTime": at(row.tried_at),
        "nextTryTime": at(row.next_try_at),
        "outcome": None if row.state == "open" else row.state,
        "reason": row.reason,
        "endTime": at(row.ended_at),
    }


def deadline(row: Any) -> dict[str, Any]:
    """Return a time limit with everything needed to count it again."""
    return {
        "deadlineKey": str(row.key),
        "processInstanceKey": str(row.instance_key),
        "businessId": row.business_id,
        "elementId": row.element_id,
        "name": row.name,
        "basis": row.basis,
        "kind": row.kind,
        "setting": row.setting,
        "organisationKey": str(row.organisation_key) if row.organisation_key else None,
        "terms": row.terms,
        "eventOn": row.event_on.isoformat(),
        "originalDueOn": row.original_due_on.isoformat(),
        "dueOn": row.due_on.isoformat(),
        "dueAt": at(row.due_at),
        "status": row.status,
        "calendarAsOf": at(row.calendar_as_of),
        "notices": row.notices,
        "state": row.state,
        "expiredAt": at(row.expired_at),
        "noticedAt": at(row.noticed_at),
        "endedAt": at(row.ended_at),
        "lateWorkingDays": row.late_wd,
        "lateCalendarDays": row.late_cd,
    }


def explained(view: DeadlineView) -> dict[str, Any]:
    """Return what explains a time limit, beside its row; `now` is null where today's calendar says the same."""
    return {
        "organisationName": view.org_name,
        "moves": [
            {
                "kind": move.kind,
                "at": at(move.at),
                "dueBefore": move.due_before.isoformat(),
                "dueAfter": move.due_after.isoformat(),
                "text": move.text,
            }
            for move in view.moves
        ],
        "explanation": {
            "then": explanation_data(view.then),
            "now": explanation_data(view.now) if view.now else None,
        },
    }


def notice(line: NoticeLine) -> dict[str, Any]:
    """Return a document about working days, and how it stands."""
    data = notice_data(line.notice)
    return {
        "noticeKey": str(line.key),
        "noticeId": data.pop("id"),
        "state": line.state,
        "scopeName": line.scope_name,
        **{camel(name): value for name, value in data.items() if name != "holidays"},
        "enteredBy": line.entered_by,
        "enteredAt": at(line.entered_at),
        "decidedBy": line.decided_by,
        "decidedAt": at(line.decided_at),
        "knownAt": at(line.known_at),
        "knownUntil": at(line.known_until),
        "corrects": str(line.corrects) if line.corrects else None,
        "holidays": [{camel(name): value for name, value in h.items()} for h in data["holidays"]],
    }


def camel(name: str) -> str:
    """Return a name in the spelling of the API."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def page(items: list[dict[str, Any]], total: int) -> dict[str, Any]:
    """Return a search's answer."""
    return {
        "items": items,
        "page": {
            "totalItems": total,
            "hasMoreTotalItems": False,
            "startCursor": None,
            "endCursor": None,
        },
    }
