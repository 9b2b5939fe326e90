"""Nights: what is kept of each comes back as it was, oldest first, until it is too old."""

from datetime import timedelta, timezone

from ledger.database.engine import connect
from ledger.session import Ledger
from tests.fleet.builders import HOUR, NOW

DAY = timedelta(days=1)


def record(ledger, *numbers):
    """Nights of those numbers, each a day after the one before."""
    for number in numbers:
        began = NOW + number * DAY
        ledger.nights.keep(began, began + HOUR, {"actions": number}, f"night-{number}.html")


def actions(ledger, count=99):
    return [night.facts["actions"] for night in ledger.nights.last(count)]


def test_before_the_first_night_there_is_none(ledger):
    assert ledger.nights.last(30) == []


def test_a_night_comes_back_with_all_that_was_stored_of_it(ledger):
    facts = {
        "states": [["plant-7", "lem-north", "in_service", 200]],
        "not_checked": {"Süd": "“Acusight” is down"},
        "stages": {"asked": [1.5, 90.25]},
        "nobody": None,
    }
    ledger.nights.keep(NOW, NOW + HOUR, facts, "var/reports/night.html")

    (night,) = ledger.nights.last(1)

    assert night.facts == facts
    assert (night.started_at, night.ended_at) == (NOW, NOW + HOUR)
    assert night.report == "var/reports/night.html"


def test_nights_come_oldest_first_in_whichever_order_they_were_stored(ledger):
    record(ledger, 2, 0, 1)

    assert actions(ledger) == [0, 1, 2]


def test_of_many_nights_the_last_ones_come(ledger):
    record(ledger, *range(5))

    assert actions(ledger, 3) == [2, 3, 4]


def test_nights_that_are_too_old_are_forgotten(ledger):
    record(ledger, *range(5))

    forgotten = ledger.nights.prune(NOW + 2 * DAY)

    assert forgotten == 2
    assert actions(ledger) == [2, 3, 4]


def test_a_night_is_forgotten_as_soon_as_it_began_before_the_limit(ledger):
    record(ledger, 0)

    assert ledger.nights.prune(NOW) == 0
    assert ledger.nights.prune(NOW.astimezone(timezone(timedelta(hours=9)))) == 0
    assert ledger.nights.prune(NOW + timedelta(microseconds=1)) == 1
    assert actions(ledger) == []


def test_of_no_night_nothing_is_read(ledger):
    record(ledger, 0, 1)

    assert actions(ledger, 0) == []


def test_two_nights_that_began_at_once_are_two(ledger):
    record(ledger, 0, 0)

    assert actions(ledger) == [0, 0]


def test_to_forget_again_forgets_nothing_more(ledger):
    record(ledger, *range(3))
    ledger.nights.prune(NOW + DAY)

    assert ledger.nights.prune(NOW + DAY) == 0
    assert actions(ledger) == [1, 2]


def test_another_run_knows_the_nights_that_this_one_stored(url, ledger):
    record(ledger, 1)

    own = connect(url)
    again = actions(Ledger(own))
    own.dispose()

    assert again == [1]
