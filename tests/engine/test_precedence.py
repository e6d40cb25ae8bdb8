"""People go before the sweep, and the sweep is never shut out."""

from threading import Event, Thread

from engine.precedence import People


def test_nobody_is_waited_for_when_nobody_is_served() -> None:
    assert People().let_through(longest=60)


def test_the_sweep_goes_on_when_its_patience_ends() -> None:
    people, inside, answered = People(), Event(), Event()

    def wait_for_an_answer() -> None:
        with people.served():
            inside.set()
            answered.wait()

    person = Thread(target=wait_for_an_answer)
    person.start()
    inside.wait()

    assert not people.let_through(longest=0)
    answered.set()
    person.join()


def test_who_sweeps_for_somebody_does_not_wait_for_them() -> None:
    people = People()

    with people.served():
        assert not people.let_through(longest=600)


def test_the_sweep_goes_on_as_soon_as_the_last_one_has_an_answer() -> None:
    people, waiting, free = People(), Event(), list[bool]()

    def sweep() -> None:
        waiting.set()
        free.append(people.let_through(longest=600))

    with people.served():
        sweeping = Thread(target=sweep)
        sweeping.start()
        waiting.wait()
    sweeping.join()

    assert free == [True]
