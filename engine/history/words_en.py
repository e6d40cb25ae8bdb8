"""Events in English words, beside the Chinese ones of `engine.history.words`."""

from collections.abc import Callable
from datetime import date
from functools import singledispatch
from typing import Any

from engine import events as e
from engine.clock import instant
from engine.deadlines import length_text
from engine.english_dates import en, en_at
from engine.history.service_words import english_service_words
from engine.history.verb_words_en import english_deputy, english_verb_sentence
from engine.incidents import KINDS
from engine.people import ROLES
from engine.periods import Unit
from engine.speech import english, plural

Name = Callable[[int | None], str | None]
_ESTIMATED = ("", " (the holiday notice of that year is not yet published; by estimated working days)")
_DEPARTMENT = "the department"
_PLATFORM = "the sharing platform"


def english_sentence(event: e.Event, org: Name, person: Name) -> str:
    """Return one English sentence for an event, empty for one that has none."""
    return english_verb_sentence(event) or _say(event, org, person)


@singledispatch
def _say(event: e.Event, org: Name, person: Name) -> str:
    return ""


def _at(text: str) -> str:
    return en_at(instant(text))


def _on(text: str) -> str:
    return en(date.fromisoformat(text))


@_say.register
def _(event: e.InstanceStarted, org: Name, person: Name) -> str:
    return f"Case started with number {event.business_id}, under version {event.version} of the process."


@_say.register
def _(event: e.InstanceTriggered, org: Name, person: Name) -> str:
    if event.planned_at is None:
        return f"Started by “{event.name}”; the signal was sent on {_at(event.starts_at)}."
    rolled = (
        ""
        if event.planned_at == event.starts_at
        else f"; planned for {_at(event.planned_at)}, a rest day, and moved as the rules say"
    )
    return f"Started on schedule by “{event.name}” on {_at(event.starts_at)}{rolled}{_ESTIMATED[event.estimated]}."


@_say.register
def _(event: e.StartTriggerSet, org: Name, person: Name) -> str:
    if event.kind == "signal":
        return f"“{event.name}” starts cases on the signal “{event.signal}”."
    return (
        f"“{event.name}” starts cases on schedule, first planned for {_at(event.planned_at)}."
        if event.planned_at
        else f"The time set for “{event.name}” has passed; it starts no more cases."
    )


@_say.register
def _(event: e.RoundStarted, org: Name, person: Name) -> str:
    next_at = f"; next planned for {_at(event.next_at)}" if event.next_at else ""
    return (
        f"“{event.name}” started {plural(len(event.deliveries), 'case')} on {_at(event.starts_at)}"
        f"{_ESTIMATED[event.estimated]}{next_at}."
    )


@_say.register
def _(event: e.RoundsPassed, org: Name, person: Name) -> str:
    why = {
        "not_in_force": "another version of the process applied then",
        "retired": "this version has been retired",
        "too_many": "too many were missed while the platform was down, only the latest are made up",
    }
    times = (
        _at(event.first_at)
        if event.count == 1
        else f"{_at(event.first_at)} to {_at(event.last_at)} ({event.count} times)"
    )
    return f"“{event.name}” does not start the cases planned for {times}: {why[event.reason]}."


@_say.register
def _(event: e.StartFailed, org: Name, person: Name) -> str:
    return f"A case to be started by “{event.name}” could not be started: {event.cause} The platform keeps trying."


@_say.register
def _(event: e.InstanceRebound, org: Name, person: Name) -> str:
    return (
        f"Before the application was delivered, version {event.to_version} of the process came into force; the case "
        f"moves from version {event.from_version} to version {event.to_version}."
    )


@_say.register
def _(event: e.VersionKept, org: Name, person: Name) -> str:
    reasons = "; ".join(event.reasons)
    return (
        f"Version {event.newer_version} of the process has come into force; this case stays under version "
        f"{event.version}: {reasons}."
    )


@_say.register
def _(event: e.DefinitionDeployed, org: Name, person: Name) -> str:
    since = f", in force from {_on(event.effective_from)}" if event.effective_from else ""
    basis = f" Basis: {event.basis}" if event.basis else ""
    notes = f" Notes: {event.notes}" if event.notes else ""
    return f"Version {event.version} published{since}.{basis}{notes}"


@_say.register
def _(event: e.ModelCreated, org: Name, person: Name) -> str:
    return f"Model “{event.name}” begun."


@_say.register
def _(event: e.ModelSaved, org: Name, person: Name) -> str:
    note = f" ({event.note})" if event.note else ""
    return f"Revision {event.revision} saved{note}."


@_say.register
def _(event: e.ModelDiscarded, org: Name, person: Name) -> str:
    return "Work on the model ended."


@_say.register
def _(event: e.PublicationRequested, org: Name, person: Name) -> str:
    return f"Publication of revision {event.revision} asked for. Notes: {event.notes}"


@_say.register
def _(event: e.PublicationReturned, org: Name, person: Name) -> str:
    return f"Returned to be mended. Reason: {event.reason}"


@_say.register
def _(event: e.ModelPublished, org: Name, person: Name) -> str:
    alone = " by its author, since the department has no other designer" if event.alone else ""
    return f"Revision {event.revision} published as version {event.version}{alone}."


@_say.register
def _(event: e.DefinitionSuspended, org: Name, person: Name) -> str:
    return (
        f"Version {event.version} suspended: no new cases; open cases go on and time limits keep running. "
        f"Reason: {event.reason}"
    )


@_say.register
def _(event: e.DefinitionResumed, org: Name, person: Name) -> str:
    return f"Version {event.version} resumed. Reason: {event.reason}"


@_say.register
def _(event: e.DefinitionRetired, org: Name, person: Name) -> str:
    return f"Version {event.version} retired. Reason: {event.reason}"


@_say.register
def _(event: e.MigrationProposed, org: Name, person: Name) -> str:
    asked = ", ".join(filter(None, map(org, event.asked)))
    return (
        f"Migration from version {event.from_version} to version {event.to_version} of the process proposed, consent "
        f"asked of {asked}. Reason: {event.reason}"
    )


@_say.register
def _(event: e.MigrationConsented, org: Name, person: Name) -> str:
    return f"The head of {org(event.organisation_key)}{english_deputy(event.as_deputy_of)} consents to the migration."


@_say.register
def _(event: e.MigrationObjected, org: Name, person: Name) -> str:
    return (
        f"The head of {org(event.organisation_key)}{english_deputy(event.as_deputy_of)} objects to the migration; the case stays under its "
        f"version. Reason: {event.reason}"
    )


@_say.register
def _(event: e.MigrationWithdrawn, org: Name, person: Name) -> str:
    return f"Migration proposal withdrawn. Reason: {event.reason}"


@_say.register
def _(event: e.MigrationLapsed, org: Name, person: Name) -> str:
    return f"Migration proposal lapsed: {'; '.join(event.reasons)}."


@_say.register
def _(event: e.InstanceMigrated, org: Name, person: Name) -> str:
    return (
        f"With the consent of the parties, migrated from version {event.from_version} to version {event.to_version} "
        "of the process."
    )


@_say.register
def _(event: e.UserTaskChanged, org: Name, person: Name) -> str:
    return f"Under the new version the open step is “{event.name}”, handled by {org(event.organisation_key)}."


@_say.register
def _(event: e.SubscriptionChanged, org: Name, person: Name) -> str:
    return f"Under the new version the case waits for “{event.name or event.element_id}”."


@_say.register
def _(event: e.ElementReached, org: Name, person: Name) -> str:
    name = event.name or event.element_id
    return f"“{name}” skipped as set." if event.skipped else f"“{name}” reached."


@_say.register
def _(event: e.VariablesSet, org: Name, person: Name) -> str:
    return f"Registered: {', '.join(event.values)}."


@_say.register
def _(event: e.InstanceVoided, org: Name, person: Name) -> str:
    return f"Case annulled. Reason: {event.reason}{f' ({event.doc_no})' if event.doc_no else ''}."


@_say.register
def _(event: e.UserTaskMoved, org: Name, person: Name) -> str:
    return f"“{event.name}” passed on to {org(event.organisation_key)}."


@_say.register
def _(event: e.UserTaskOpened, org: Name, person: Name) -> str:
    return f"“{event.name}” given to {org(event.organisation_key)}."


@_say.register
def _(event: e.UserTaskAssigned, org: Name, person: Name) -> str:
    reasons = {
        "expired": f"The delegation to {event.before_name} has expired: ",
        "revoked": f"The delegation to {event.before_name} was revoked: ",
        "left": f"{event.before_name} has left: ",
    }
    moved = reasons.get(event.why, "")
    if event.assignee is None:
        return f"{moved}“{event.name}” put back into the department’s inbox."
    who = f"{event.assignee_name}{english_deputy(event.principal_name)}"
    return f"{moved}“{event.name}” is handled by {who}."


@_say.register
def _(event: e.UserTaskCompleted, org: Name, person: Name) -> str:
    acting = english_deputy(event.as_deputy_of)
    if event.by_name:
        return f"All further signatures are in; {event.by_name} completed “{event.name}”{acting}."
    return f"“{event.name}” completed{acting}."


@_say.register
def _(event: e.DeputyAuthorised, org: Name, person: Name) -> str:
    limits = [
        f"processes listed: {len(event.processes)}" if event.processes else "",
        "one resource only" if event.resource_key else "",
        f"only with {org(event.other_key)} as the other party" if event.other_key else "",
    ]
    scope = ", ".join(filter(None, limits)) or "all matters"
    number = f" ({event.doc_no})" if event.doc_no else ""
    role = english(ROLES.get(event.role, event.role))
    return (
        f"{person(event.principal_user)} authorises {person(event.deputy_user)} to act as {role} of "
        f"{org(event.organisation_key)} from {_on(event.valid_from)} to {_on(event.valid_until)}: {scope}{number}."
    )


@_say.register
def _(event: e.DeputyEnded, org: Name, person: Name) -> str:
    ends = {
        "expired": "ended with its term",
        "revoked": "was revoked",
        "left": "ended because somebody left the post",
    }
    reason = f" Reason: {event.reason}" if event.reason else ""
    return (
        f"The delegation by {person(event.principal_user)} to {person(event.deputy_user)} "
        f"{ends.get(event.end, event.end)}.{reason}"
    )


@_say.register
def _(event: e.LeavingBegun, org: Name, person: Name) -> str:
    return f"{person(event.user_key)} leaves the post; handing on begins. Reason: {event.reason}"


@_say.register
def _(event: e.HoldingHandedOn, org: Name, person: Name) -> str:
    done = {
        "handed_on": f"passed on to {event.to_name}",
        "returned": f"returned to {event.to_name or _DEPARTMENT}",
        "ended": "ended",
        "failed": "could not be handed on",
    }
    return f"“{event.name}” {done[event.outcome]}{f': {event.reason}' if event.reason else '.'}"


@_say.register
def _(event: e.UserLeft, org: Name, person: Name) -> str:
    failed = f"; not handed on: {event.failed}" if event.failed else ""
    return f"Handing on for {person(event.user_key)} is complete and the account is closed{failed}."


@_say.register
def _(event: e.TaskPartHandedOn, org: Name, person: Name) -> str:
    if event.user_key is None:
        return f"{event.from_name} has left; what was asked of them for “{event.name}” was withdrawn."
    return (
        f"{event.from_name} has left; {event.user_name} takes over what was asked of them for “{event.name}”."
    )


@_say.register
def _(event: e.TaskPartAskerMoved, org: Name, person: Name) -> str:
    return f"Answers for “{event.name}” now go to {event.asked_by_name}."


@_say.register
def _(event: e.InstanceHandedOn, org: Name, person: Name) -> str:
    return f"{event.from_name}, who started this case, has left; {event.user_name} follows it from now on."


@_say.register
def _(event: e.CommentAdded, org: Name, person: Name) -> str:
    return f"An internal comment was added, shown to {org(event.organisation_key)} only."


@_say.register
def _(event: e.CaseWithheld, org: Name, person: Name) -> str:
    return f"This case is not shown to {org(event.organisation_key)}."


@_say.register
def _(event: e.ActDone, org: Name, person: Name) -> str:
    return f"“{event.name}” submitted."


@_say.register
def _(event: e.UserTaskCancelled, org: Name, person: Name) -> str:
    return f"“{event.name}” is no longer needed and was cancelled."


_CERTAIN = {
    "final": "",
    "provisional": " (provisional until next year’s holiday notice is published)",
    "uncovered": " (estimated, the holiday notice of a year concerned is not yet published)",
}


def _length(terms: dict[str, Any]) -> str:
    return length_text(terms["length"], Unit(terms["unit"])).en


@_say.register
def _(event: e.DeadlineSet, org: Name, person: Name) -> str:
    if not event.terms["length"]:
        return f"{event.name}: to be done by {_on(event.due_on)}{_CERTAIN[event.status]}."
    return (
        f"{event.name} begins: {_length(event.terms)} from {_on(event.event_on)}, due {_on(event.due_on)}"
        f"{_CERTAIN[event.status]}."
    )


def _became(event: e.DeadlineMoved) -> str:
    if event.due_on == event.due_before:
        return f"the due date remains {_on(event.due_on)}{_CERTAIN[event.status]}"
    return f"the due date moves from {_on(event.due_before)} to {_on(event.due_on)}{_CERTAIN[event.status]}"


@_say.register
def _(event: e.DeadlineExtended, org: Name, person: Name) -> str:
    added = length_text(event.days, Unit(event.terms["unit"])).en
    return (
        f"{event.name}: {event.approved_by} approved an extension of {added} (asked for by {event.asked_by}); "
        f"{_became(event)}."
    )


@_say.register
def _(event: e.DeadlinePaused, org: Name, person: Name) -> str:
    return f"{event.name} paused because of {event.ground}. Basis: {event.basis}."


@_say.register
def _(event: e.DeadlineAnswered, org: Name, person: Name) -> str:
    return (
        f"Within {event.name} the act was done as required. It does not expire during the review; if the act does not "
        "pass, the count goes on from its original start."
    )


@_say.register
def _(event: e.DeadlineReopened, org: Name, person: Name) -> str:
    return f"The review did not pass; {event.name} goes on, the due date remains {_on(event.due_on)}."


@_say.register
def _(event: e.DeadlineResumed, org: Name, person: Name) -> str:
    unit = "working day" if event.terms["unit"] == Unit.WORKING_DAY else "day"
    return f"{event.name} resumes, {plural(event.excluded, unit)} excluded; {_became(event)}."


@_say.register
def _(event: e.DeadlineRecounted, org: Name, person: Name) -> str:
    held = (
        "; by the new arrangement it had passed when this was published, so it is kept until that day"
        if event.held
        else ""
    )
    return f"Because of {event.cause}, {event.name} is counted anew; {_became(event)}{held}."


@_say.register
def _(event: e.DeadlineMigrated, org: Name, person: Name) -> str:
    length = f"{_length(event.terms)}, " if event.terms["length"] else ""
    held = (
        "; by the new version it had passed, so it is kept until the day of migration" if event.held else ""
    )
    return (
        f"After the migration to version {event.version}, {event.name} is {length}counted from its original start; "
        f"{_became(event)}{held}."
    )


@_say.register
def _(event: e.DeadlineExpired, org: Name, person: Name) -> str:
    tail = "; the case is overdue, the duty to act remains" if event.overdue else ""
    return f"{event.name} expired on {_on(event.due_on)}{tail}."


@_say.register
def _(event: e.DeadlineUndetermined, org: Name, person: Name) -> str:
    return (
        f"The holiday notice of a year that {event.name} touches is not yet published; the limit is open and not "
        "treated as overdue."
    )


@_say.register
def _(event: e.DeadlineEnded, org: Name, person: Name) -> str:
    if event.state == "met_late":
        return (
            f"{event.name} stopped: done {plural(event.late_wd, 'working day')} "
            f"({plural(event.late_cd, 'calendar day')}) late."
        )
    endings = {
        "met": "met in time",
        "cancelled": "stopped by a change of procedure",
        "expired": "expired, went on to the next step",
    }
    return f"{event.name} {endings.get(event.state, 'ended')}."


@_say.register
def _(event: e.TimerArmed, org: Name, person: Name) -> str:
    kinds = {"expiry": "Time of expiry", "reminder": "Time of reminder", "date": "Due time"}
    return f"{kinds[event.kind]} set: {_at(event.fires_at)}."


@_say.register
def _(event: e.TimerFired, org: Name, person: Name) -> str:
    return f"The time of “{event.name}” has come."


@_say.register
def _(event: e.TimerDisarmed, org: Name, person: Name) -> str:
    return "The time set no longer applies and was removed."


@_say.register
def _(event: e.TimerRearmed, org: Name, person: Name) -> str:
    if event.fires_at.startswith("9999"):
        return "The limit is paused; the time set does not apply for now."
    return f"The time set moves to {_at(event.fires_at)}."


@_say.register
def _(event: e.TimerPostponed, org: Name, person: Name) -> str:
    return f"Postponed to {_at(event.until)}, then checked again."


@_say.register
def _(event: e.MessageDelivered, org: Name, person: Name) -> str:
    return f"{event.name}: delivered by {org(event.sender) or _PLATFORM} to {org(event.receiver) or _DEPARTMENT}."


@_say.register
def _(event: e.MessageThrown, org: Name, person: Name) -> str:
    return f"{event.name}: goes on to a further procedure ({event.target})."


@_say.register
def _(event: e.MessageCaught, org: Name, person: Name) -> str:
    return f"The further procedure ({event.target}) has started."


@_say.register
def _(event: e.MessageLapsed, org: Name, person: Name) -> str:
    return "The other side no longer waited when the message arrived; nothing was done."


@_say.register
def _(event: e.MessageReceived, org: Name, person: Name) -> str:
    return f"“{event.name}” received a message of {event.payload.get('business_id') or 'another case'}."


@_say.register
def _(event: e.SignalThrown, org: Name, person: Name) -> str:
    return f"“{event.name}” sent the signal “{event.signal}”; waiting for it: {len(event.deliveries)}."


@_say.register
def _(event: e.SubscriptionOpened, org: Name, person: Name) -> str:
    kinds = {
        "message": f"Waits for the message “{event.name}”.",
        "signal": f"Waits for the signal “{event.name}”.",
        "call": "Waits for the called process to end.",
        "cancel": "Is cancelled with its caller.",
    }
    return kinds[event.kind]


@_say.register
def _(event: e.SubscriptionClosed, org: Name, person: Name) -> str:
    return "No longer waits."


@_say.register
def _(event: e.ErrorUncaught, org: Name, person: Name) -> str:
    return f"“{event.name}” raised the error {event.code}, which no step handles; the case ends."


def _kind(kind: str) -> str:
    return english(KINDS.get(kind, kind))


@_say.register
def _(event: e.IncidentRaised, org: Name, person: Name) -> str:
    again = f"; retry planned for {_at(event.next_try_at)}" if event.next_try_at else ""
    return f"Incident at “{event.name}” ({_kind(event.kind)}): the step took no effect and stays where it is{again}."


@_say.register
def _(event: e.IncidentTriedAgain, org: Name, person: Name) -> str:
    again = f"; next retry planned for {_at(event.next_try_at)}" if event.next_try_at else ""
    return f"Still an incident after a retry ({_kind(event.kind)}); stays where it is{again}."


@_say.register
def _(event: e.IncidentVariablesCorrected, org: Name, person: Name) -> str:
    changes = "; ".join(
        f"{name} from {_value(event.before.get(name))} to {_value(value)}"
        for name, value in event.after.items()
    )
    return f"Data corrected: {changes}. Reason: {event.reason}."


@_say.register
def _(event: e.IncidentResolved, org: Name, person: Name) -> str:
    return f"The incident at “{event.name}” was resolved."


@_say.register
def _(event: e.IncidentSkipped, org: Name, person: Name) -> str:
    ways = f", way out {', '.join(event.flows)}" if event.flows else ""
    return f"“{event.name}” skipped because of an incident{ways}. Reason: {event.reason}."


@_say.register
def _(event: e.IncidentCancelled, org: Name, person: Name) -> str:
    return f"Case cancelled because of the incident at “{event.name}”. Reason: {event.reason}."


@_say.register
def _(event: e.IncidentClosed, org: Name, person: Name) -> str:
    why = {
        "interrupted": "a change of procedure left the step",
        "ended": "the case is closed",
        "disarmed": "the time set no longer applies",
    }
    return f"The incident at “{event.name}” no longer exists: {why.get(event.reason, event.reason)}."


def _value(value: object) -> str:
    text = "empty" if value is None else str(value)
    return f"“{text if len(text) <= 60 else text[:60] + '…'}”"


@_say.register
def _(event: e.DecisionMade, org: Name, person: Name) -> str:
    rows = f"rows hit: {', '.join(map(str, event.hits))}" if event.hits else "no row hit"
    return f"Decided by the decision table {event.decision}: {rows}."


@_say.register
def _(event: e.ServiceCalled, org: Name, person: Name) -> str:
    return english_service_words(event.service, event.result)


@_say.register
def _(event: e.GrantRecorded, org: Name, person: Name) -> str:
    return f"Grant registered: {org(event.using)} may use {', '.join(event.data_items)}."


@_say.register
def _(event: e.GrantSuperseded, org: Name, person: Name) -> str:
    return (
        f"The earlier grant is replaced by that of {event.by_business_id} and ends on {_on(event.ended_on)}."
    )


@_say.register
def _(event: e.GrantEndSet, org: Name, person: Name) -> str:
    return f"The grant ends on {_on(event.ended_on)} because of {event.cause}."


@_say.register
def _(event: e.GrantSuspended, org: Name, person: Name) -> str:
    basis = f" ({event.basis})" if event.basis else ""
    return f"Use suspended: {event.reason}{basis}, case {event.by_business_id}."


@_say.register
def _(event: e.GrantResumed, org: Name, person: Name) -> str:
    return f"Use resumed: {event.reason}, case {event.by_business_id}."


@_say.register
def _(event: e.DocumentIssued, org: Name, person: Name) -> str:
    return f"Issued 《{event.title}》 ({event.number}), digest (SHA-256) {event.sha256[:16]}…."


@_say.register
def _(event: e.NoticeSent, org: Name, person: Name) -> str:
    people = ", ".join(filter(None, (person(key) for key in event.to))) or "nobody on duty"
    return f"Told {people}: {event.text}"


@_say.register
def _(event: e.ResourceFlagged, org: Name, person: Name) -> str:
    return (
        f"Marked as under verification: {', '.join(event.data_items)} of 《{event.resource}》, "
        f"{plural(event.records, 'record')}."
    )


@_say.register
def _(event: e.ResourceUnflagged, org: Name, person: Name) -> str:
    return f"The mark “under verification” of 《{event.resource}》 was removed."


@_say.register
def _(event: e.InstanceEnded, org: Name, person: Name) -> str:
    return "Case closed (late)." if event.late else "Case closed."


@_say.register
def _(event: e.UnmaskedExportIssued, org: Name, person: Name) -> str:
    case, records = (
        event.filters.get("case"),
        f"the unmasked records of {plural(event.cases, 'case')} ({event.format})",
    )
    what = f"the case file of {case}" if case else records
    return f"Exported {what}. Reason: {event.reason} SHA-256 of the file: {event.sha256}."
