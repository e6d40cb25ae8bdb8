"""The state of a case that people are shown (domain A.3)."""


def case_state(state: str, overdue: bool, tone: str | None, extended: bool = False) -> str:
    """Return the state A.3 shows: the stored one, or what the clock makes of `running`."""
    if state not in ("running", "in_dispute"):
        return state
    if overdue or tone == "late":
        return "overdue"
    if state == "in_dispute":
        return state
    if tone in ("today", "soon"):
        return "due_soon"
    return "extended" if extended else state
