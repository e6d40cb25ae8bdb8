"""The demonstration: organisations, people, a catalogue, and cases made by driving the engine."""

from engine.demo.driver import play
from engine.demo.seed import DEMO_PASSWORD, seed

__all__ = ["DEMO_PASSWORD", "play", "seed"]
