"""What was read from the text of a notice, day by day with the clause that decides it."""

from dataclasses import dataclass
from datetime import date

from engine.calendar.notices import Holiday
from engine.errors import Message


@dataclass(frozen=True)
class ParsedHoliday:
    """One numbered item of a notice.

    Attributes:
        name: As printed; joint holidays keep the joint name.
        sentence: The whole numbered item as printed, line breaks removed.
        deciding: Each day off and each make-up day with the clause of the text that decides it.
    """

    name: str
    days_off: tuple[date, ...]
    work_days: tuple[date, ...]
    sentence: str
    deciding: tuple[tuple[date, str], ...]

    def clause(self, day: date) -> str:
        """Return the clause that decides this day; KeyError where the item does not name it."""
        return dict(self.deciding)[day]

    def to_holiday(self) -> Holiday:
        """Return the holiday as the calendar knows it, with its sentence."""
        return Holiday(self.name, self.days_off, self.work_days, self.sentence)


@dataclass(frozen=True)
class ParsedNotice:
    """A notice as its text says it.

    Attributes:
        kind: annual or amendment.
        title: As printed; empty where the text begins with its items.
        doc_no: 国办发明电〔YYYY〕N号, empty where it is not printed.
        signed: The date under the text.
        replaces: The holidays an amendment replaces as a whole; empty for an annual notice.
        remarks: What does not contradict the text but a person should look at.
    """

    year: int
    kind: str
    title: str
    doc_no: str
    signed: date | None
    holidays: tuple[ParsedHoliday, ...]
    replaces: tuple[str, ...] = ()
    remarks: tuple[Message, ...] = ()
