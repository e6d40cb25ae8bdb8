"""The small procedure of the verbs, with its people."""

import pytest

from engine.app import Engine
from tests.engine.verb_office import Office, open_office


@pytest.fixture
def office(engine: Engine) -> Office:
    """A case whose first step is open."""
    return open_office(engine)


@pytest.fixture
def working(office: Office) -> Office:
    """A case whose first step was handed in; the second one is taken by its owner."""
    office.fill("owner", "First", "初稿")
    office.do("claim", "owner")
    return office
