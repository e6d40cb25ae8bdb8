"""The trail is read by people: nothing in it is a name of the program."""

from engine.handlers.services import SERVICES
from engine.history.service_words import WORDS, service_words


def test_every_service_of_a_model_has_its_words_in_the_trail() -> None:
    assert SERVICES.keys() == WORDS.keys()
    for name in SERVICES:
        assert name not in service_words(name, {})
