"""The shapes that queries answer with; keys are 64-bit integers, instants aware UTC, days Beijing dates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from engine.explanation import Explanation
from engine.history.breaks import Broken


@dataclass(frozen=True)
class Chip:
    """How a deadline stands, in a few characters.

    Attributes:
        tone: ok, soon, today, late, open (期限待定), paused (中止), answered (待审核), met, met_late, ended,
            or past: a limit that only reminds (onExpiry notice) ran out.
        working_days: Working days left (0: due today); if late, working days late as a positive number.
        calendar_days: Calendar days late; 0 if not late.
    """

    tone: str
    due_on: date
    working_days: int
    calendar_days: int
    certain: bool
    extended: bool = False


@dataclass(frozen=True)
class InboxRow:
    """One line of an inbox; `task_key` is None where the line is a case (boxes started and copied).

    Attributes:
        part: What the reader has to do with another's task, see the table task_part; empty for a whole task.
        behalf: For whom the reader acts as deputy, empty in the reader's own name.
        group: late, today, soon, later, or never without a limit.
        note: What a supervisor or who sent a copy wrote, with `note_by`.
    """

    task_key: int | None
    instance_key: int
    business_id: str
    title: str
    element_id: str
    task_name: str
    state: str
    result: str | None
    parties: tuple[str, ...]  # who began it, and whom it is for
    assignee_name: str | None
    mine: bool
    since: datetime
    chip: Chip | None
    process_name: str = ""
    holder_name: str = ""  # the department whose lane it waits in
    part: str = ""
    behalf: str = ""
    group: str = "never"
    note: str = ""
    note_by: str = ""
    unread: bool = False
    copy_key: int | None = None


@dataclass(frozen=True)
class InboxPage:
    """A page of rows, most urgent first.

    Attributes:
        counts: By box for the tabs; 1001 stands for more than a thousand.
        next: What the next page begins after, None on the last one.
        first: Whether this is the first page.
        stopped: Whether the walk ended at its bound before the page was full: there may be more beyond.
    """

    rows: tuple[InboxRow, ...]
    counts: Mapping[str, int]
    next: str | None
    first: bool
    stopped: bool = False


@dataclass(frozen=True)
class CaseRow:
    """One line of the list of cases; `chip` is its most urgent live limit."""

    key: int
    business_id: str
    title: str
    state: str
    result: str | None
    parties: tuple[str, ...]  # who began it, and whom it is for
    started_at: datetime
    chip: Chip | None


@dataclass(frozen=True)
class CaseList:
    """A page of cases, newest first."""

    rows: tuple[CaseRow, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class Head:
    """What stands at the top of every page about a case."""

    key: int
    business_id: str
    title: str
    process_id: str
    process_name: str
    article: str
    definition_key: int
    definition_version: int
    state: str
    result: str | None
    parties: tuple[tuple[str, str], ...]  # what each is called, and the department; empty while open
    managing_name: str
    started_at: datetime
    received_at: datetime | None
    ended_at: datetime | None
    tone: str = ""  # of its limits: late, soon or nothing
    version_note: str = ""  # what a newer version means for the case
    consenting: tuple[str, str] = ("", "")  # what its law calls the two whose heads may agree to a migration


@dataclass(frozen=True)
class Move:
    """Something that moved a limit, in words, with the due date before and after."""

    kind: str  # extended, paused, resumed or recounted
    at: datetime
    due_before: date
    due_after: date
    text: str


@dataclass(frozen=True)
class DeadlineView:
    """A time limit with everything that explains it.

    Attributes:
        then: The explanation by the calendar known when it was last counted: what is in force.
        now: The explanation by today's calendar, where it differs; shown, never applied to a past limit.
        org_name: The department that owes the act.
    """

    key: int
    instance_key: int
    element_id: str
    name: str
    basis: str
    kind: str  # law or choice
    setting: str
    org_name: str
    extended_by: int
    event_at: datetime
    due_on: date
    due_at: datetime
    status: str  # final, provisional, uncovered
    state: str  # running, paused, answered, overdue, undetermined, met, met_late, expired, cancelled
    calendar_as_of: datetime
    expired_at: datetime | None
    noticed_at: datetime | None
    ended_at: datetime | None
    late_wd: int | None
    late_cd: int | None
    chip: Chip
    length_zh: str  # 5个工作日
    then: Explanation
    now: Explanation | None
    moves: tuple[Move, ...]
    set_by: str = ""  # the document of the case that sets the length, where the law leaves it to one


@dataclass(frozen=True)
class TaskLine:
    """A user task of a case, open or done."""

    key: int
    element_id: str
    name: str
    state: str  # open, completed, cancelled, skipped
    role_name: str  # 提供部门经办人
    org_name: str
    assignee_name: str | None
    created_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    visible: bool  # the reader may open it


@dataclass(frozen=True)
class DocumentLine:
    """A frozen document of a case."""

    key: int
    template: str
    number: str
    title: str
    issued_at: datetime
    sha256: str


@dataclass(frozen=True)
class HistoryLine:
    """One event in words."""

    seq: int
    type: str
    element_id: str | None
    text: str
    actor: str
    occurred_at: datetime
    recorded_at: datetime
    hash: str


@dataclass(frozen=True)
class FilledForm:
    """What was handed in, as label and text, for reading."""

    element_id: str
    title: str
    by: str
    at: datetime
    lines: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...] = ()  # key and name of what was attached
    tables: tuple[tuple[str, str], ...] = ()  # key and name of each table of records


@dataclass(frozen=True)
class IncidentNote:
    """What a case page says of an open incident; `operator` whether the reader may open it."""

    key: int
    element_id: str
    name: str
    kind: str
    operator: bool


@dataclass(frozen=True)
class Link:
    """Another case that this one comes from, has begun, or exchanged a message with.

    Attributes:
        key: Of the other case; None where the reader may not see it, or nobody has taken the message yet.
        how: from, to or waiting.
        state, result: Of the other case, empty where it is not seen.
    """

    how: str
    process_name: str
    business_id: str
    key: int | None
    state: str
    result: str | None
    at: datetime


@dataclass(frozen=True)
class Act:
    """Something that may be done with a case beside its tasks, such as a withdrawal."""

    element_id: str
    name: str
    interrupting: bool


@dataclass(frozen=True)
class Offer:
    """A procedure that the reader may begin, at one of its start events."""

    process_id: str
    process_name: str
    article: str
    start: str
    name: str
    needs: str


@dataclass(frozen=True)
class Flag:
    """A hint that items of a resource are being verified; it names no person.

    Attributes:
        instance_key: The case, if the reader may open it.
    """

    key: int
    resource_key: int
    resource_name: str
    data_items: tuple[str, ...]
    records: int
    since: datetime
    instance_key: int | None


@dataclass(frozen=True)
class CaseView:
    """The case page."""

    head: Head
    deadlines: tuple[DeadlineView, ...]
    tasks: tuple[TaskLine, ...]
    forms: tuple[FilledForm, ...]
    documents: tuple[DocumentLine, ...]
    history: tuple[HistoryLine, ...]
    tokens: tuple[str, ...]  # element ids where tokens stand
    passed: tuple[str, ...]  # element ids already left
    links: tuple[Link, ...]
    acts: tuple[Act, ...]  # what the reader may do now beside the tasks
    followers: tuple[Offer, ...]  # procedures the reader may begin about this case
    not_shared_basis: str  # why the catalogue does not share the resource, where the case ended for it
    broken: Broken | None  # the first break of its chain
    incidents: tuple[IncidentNote, ...] = ()
    flags: tuple[Flag, ...] = ()  # what is being verified of the case's resource
    comparison: Mapping[str, object] | None = None  # of a catalogue update


@dataclass(frozen=True)
class Colleague:
    """Somebody a task may be handed to."""

    username: str
    name: str


@dataclass(frozen=True)
class Draft:
    """That a form was saved unfinished; `version` counts the savings."""

    version: int
    saved_at: datetime
    saved_by: str


@dataclass(frozen=True)
class AttachmentLine:
    """A file of a case: handed in with the form of that title, or only uploaded by the reader so far.

    Attributes:
        shows: How a browser may show it: image, pdf, or empty for a download alone.
        same_as: Another file of the case with the same content.
    """

    key: int
    name: str
    size: int
    sha256: str
    form: str
    shows: str
    same_as: str


@dataclass(frozen=True)
class TaskView:
    """The task page: the form with what is known of its values, and what the actor may do."""

    key: int
    element_id: str
    name: str
    state: str
    form: Mapping[str, object]  # the form definition as stored
    values: Mapping[str, object]  # draft, else what the case already knows
    closed_options: Mapping[str, frozenset[str]]  # by field: may no longer be chosen
    sources: Mapping[str, tuple[tuple[str, str], ...]]  # options by component key: (value, label)
    fixed: Mapping[str, str]  # text shown for fields the server fills
    role_name: str
    org_name: str  # the department whose task it is
    assignee_name: str | None
    mine: bool
    may_claim: bool
    may_complete: bool
    may_assign: bool
    colleagues: tuple[Colleague, ...]
    head: Head
    deadlines: tuple[DeadlineView, ...]
    forms: tuple[FilledForm, ...]
    defects: tuple[str, ...]  # why it came back
    open_fields: frozenset[str] | None = None  # the only fields that may be changed
    ended_by: str | None = None
    # By fixed field: what it shows for each number that may be typed into another.
    computed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    apart: bool = False  # nothing of the case's other branches is shown beside it
    flags: tuple[Flag, ...] = ()  # what is being verified of the case's resource
    differences: tuple[Mapping[str, object], ...] = ()  # of each entry of the form from the version in force
    comparison: Mapping[str, object] | None = None  # of the catalogue update that was handed in
    documents: tuple["DocumentLine", ...] = ()  # what was issued in the case so far
    attachments: tuple[AttachmentLine, ...] = ()  # files behind the forms shown, and the reader's own uploads
    draft: Draft | None = None


@dataclass(frozen=True)
class ActView:
    """The page of an act: its form, and what is known of its values."""

    act: Act
    form: Mapping[str, object]
    values: Mapping[str, object]
    closed_options: Mapping[str, frozenset[str]]
    sources: Mapping[str, tuple[tuple[str, str], ...]]
    fixed: Mapping[str, str]
    head: Head
    deadlines: tuple[DeadlineView, ...]


@dataclass(frozen=True)
class EntryRow:
    """One line of the catalogue."""

    key: int
    code: str
    name: str
    provider_name: str
    sharing_type: str
    update_cycle: str
    abstract: str
    withdrawn_on: date | None = None


@dataclass(frozen=True)
class EntryVersion:
    """A version of an entry, with what it changed; its case is named to those who may see it."""

    version: int
    change: str  # published, added or revised
    effective_from: date
    comparison: Mapping[str, object] | None  # None for the first
    case_key: int | None
    business_id: str | None


@dataclass(frozen=True)
class EntryDeletion:
    """That an entry leaves, or left, the catalogue."""

    deletes_on: date
    reason: str
    doc_no: str
    case_key: int | None
    business_id: str | None


@dataclass(frozen=True)
class EntryView:
    """A catalogue entry in full; `metadata` by field name of domain D.1.3."""

    row: EntryRow
    provider_key: int
    metadata: Mapping[str, object]
    items: tuple[Mapping[str, object], ...]
    offers: tuple[Offer, ...]  # procedures the reader may begin about it
    grants: tuple[str, ...] = field(default=())  # living grants of the reader's department, as sentences
    flags: tuple[Flag, ...] = ()  # what is being verified of it
    versions: tuple[EntryVersion, ...] = ()  # newest first
    deletion: EntryDeletion | None = None


@dataclass(frozen=True)
class EntryPage:
    """A page of the catalogue."""

    rows: tuple[EntryRow, ...]
    total: int
    page: int
    pages: int
