"""A server where designers draw, and what they begin with."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count

from lxml import etree

from engine import commands as c
from engine.app import Engine
from engine.queries import models as queries
from tests.browser.drawing import Drawing
from tests.conftest import open_engine
from tests.databases import Databases
from tests.web.conftest import serving
from web import create_app
from web.config import Settings

# What a new drawing begins with: a start, a task, an end.
PLAIN = b"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:shixian="urn:shixian:bpmn:1" id="D" targetNamespace="urn:x">
  <bpmn:process id="plain" name="plain" isExecutable="true">
    <bpmn:startEvent id="Start"><bpmn:outgoing>F1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:userTask id="Task" name="task"><bpmn:incoming>F1</bpmn:incoming><bpmn:outgoing>F2</bpmn:outgoing></bpmn:userTask>
    <bpmn:endEvent id="End"><bpmn:incoming>F2</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="F1" sourceRef="Start" targetRef="Task"/>
    <bpmn:sequenceFlow id="F2" sourceRef="Task" targetRef="End"/>
  </bpmn:process>
</bpmn:definitions>"""
_numbers = count(1)


@contextmanager
def served(databases: Databases, at: datetime) -> Iterator[tuple[Engine, str]]:
    """Serve the shipped procedures, and no case, from a database of one's own; yields the engine and the address."""
    where = databases.new()
    engine = open_engine(where, at)
    with serving(create_app(Settings(rehearsal=True), engine)) as address:
        yield engine, address
    engine.close()
    databases.drop(where)


class Studio:
    """A server with designers, and the models they draw."""

    def __init__(self, engine: Engine, address: str) -> None:
        self.engine = engine
        self.address = address
        self.designer = engine.accounts.actor_named("designer")

    def model(self, files: dict[str, bytes]) -> int:
        command = c.CreateModel(actor=self.designer, name=f"试画{next(_numbers)}", files=files)
        return int(self.engine.handle(command)["model_key"])

    def saved(self, key: int) -> etree._Element:
        """Return the diagram as it is kept."""
        view = self.engine.queries.search(queries.model_view, self.designer, key)
        return etree.fromstring(view.files["process.bpmn"])

    def diagram(self, key: int) -> str:
        return f"{self.address}/designer/models/{key}/diagram"


Draw = Callable[[dict[str, bytes]], tuple[Drawing, int]]
