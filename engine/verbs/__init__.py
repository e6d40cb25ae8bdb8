"""What may be done with a task or a case beside handing it in: names, effects, and who may do it when.

`refusal` decides from plain facts. Handlers ask it before they act and pages before they offer, so that a page never
offers what the engine refuses. What hangs on the words of a command (a person, a step) is checked by its handler.
"""

from engine.verbs.rules import Facts, allowed, outside, refusal
from engine.verbs.table import VERBS, Verb
from engine.verbs.words import WHY

__all__ = ["VERBS", "WHY", "Facts", "Verb", "allowed", "outside", "refusal"]
