"""The trail is read by people: nothing in it is a name of the program."""

from engine.handlers.services import READS, SERVICES
from engine.history.service_words import ENGLISH_WORDS, WORDS, english_service_words, service_words


def test_every_service_of_a_model_has_its_words_in_the_trail() -> None:
    assert SERVICES.keys() == WORDS.keys() == ENGLISH_WORDS.keys()
    for name in SERVICES:
        assert name not in service_words(name, {})
        assert name not in english_service_words(name, {})


def test_an_incident_of_some_services_showed_nothing_they_read() -> None:
    assert READS.keys() == SERVICES.keys()
    assert all(READS.values())
