"""Sweeps a database whose calendar has changed, a few cases at a time; its test kills it."""

import sys

from engine import recounts
from engine.app import Engine
from engine.clock import FixedClock
from tests.conftest import NOTICES, START
from tests.databases import Where, where


def main(database: Where) -> None:
    recounts.SLICE = 2
    engine = Engine(database, NOTICES, clock=FixedClock(START), rehearsal=True)
    print("open", flush=True)
    while engine.sweep():
        print("slice", flush=True)


if __name__ == "__main__":
    main(where(sys.argv[1]))
