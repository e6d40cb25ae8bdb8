"""Stub."""

from engine.model import Process


def mining_bpmn(process: Process) -> bytes:
    raise NotImplementedError
