"""Sweeps a database whose calendar has changed, a few cases at a time; its test kills it."""

import sys
from pathlib import Path

from engine import recounts
from engine.app import Engine
from engine.clock import FixedClock
from tests.conftest import NOTICES, START


def main(path: Path) -> None:
    recounts.SLICE = 2
    engine = Engine(path, NOTICES, clock=FixedClock(START), rehearsal=True)
    print("open", flush=True)
    while engine.sweep():
        print("slice", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
