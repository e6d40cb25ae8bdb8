"""The only importer of SpiffWorkflow: snapshot in, steps out.

SpiffWorkflow moves tokens; everything else (variables, forms, time, messages, documents) is the handlers'.
A step is a generator of facts: the caller acts on each before the next element runs, so that a gateway sees
what the elements before it have set.

What SpiffWorkflow runs wrongly is drawn otherwise before it is parsed (`lowering`), joined by specs of our
own (`specs`), or moved by the machine itself: every event waits until it is told (`events`).
"""

from engine.runner.diff import Drawn, drawn
from engine.runner.facts import Evaluate, Fact, Kind
from engine.runner.machine import Machine
from engine.runner.moving import Obstacle, Standing
from engine.runner.places import Why
from engine.runner.program import Program, compile_process, ways
from engine.runner.watching import Moved, watching

__all__ = [
    "Drawn",
    "Evaluate",
    "Fact",
    "Kind",
    "Machine",
    "Moved",
    "Obstacle",
    "Program",
    "Standing",
    "Why",
    "compile_process",
    "drawn",
    "watching",
    "ways",
]
