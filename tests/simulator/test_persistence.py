"""What a second start still knows."""

import pytest

from simulator.store import StateUnreadable


@pytest.fixture
def restart(start, tmp_path):
    """Start on the same file again, as after a kill: nothing is closed before."""
    return lambda **lem: start({"state": tmp_path / "lem.db"}, **lem)


def test_a_second_start_meets_the_same_lem(restart):
    before = restart()
    before.add_config(licenseSkus=["EDGE-50"])
    before.control("lem/zero-touch", name="press-shop", device_count=2)
    before.boot({"name": "edge-1"}, {"name": "edge-2", "behavior": "zero-touch"})
    before.boot({"name": "edge-3", "behavior": "fails-once"}, {"name": "edge-4", "after": 9999})
    for request in before.requests():
        before.approve(request["entryID"])
    before.pass_time(60)
    before.requests()

    after = restart()

    known, now = before.observation("lem/state"), after.observation("lem/state")
    assert now.pop("now") >= known.pop("now")
    assert now == known


def test_steps_under_way_are_carried_on(restart):
    before = restart()
    before.add_config()
    before.ask_from()
    before.approve(1)

    after = restart()
    after.pass_time(60)

    assert after.requests()[0]["status"] == "ACTIVATED"


def test_devices_still_to_ask_do_so(restart):
    before = restart()
    before.boot({"name": "waiting"}, {"name": "booting", "after": 30})
    before.requests()

    after = restart()
    after.add_config()
    assert [request["createdOn"] for request in after.requests()] == [after.now()]
    after.pass_time(30)

    assert len(after.requests()) == 2


def test_codes_taken_stay_taken(restart):
    before = restart()
    before.boot({"name": "edge-1", "own_code": True, "after": 60})
    first = before.add_config(deviceCount=1)["code"]

    after = restart()
    after.boot({"name": "edge-2", "own_code": True})
    second = after.add_config(deviceCount=1)["code"]
    after.pass_time(60)

    used = {request["prettyName"].split("- ")[1]: request["code"] for request in after.requests()}
    assert used == {"edge-1": first, "edge-2": second}


def test_time_does_not_go_back_over_a_restart(restart):
    before = restart()
    before.pass_time(3600)

    assert restart().now() == before.now()


def test_the_number_of_a_deleted_request_is_not_given_again(restart):
    before = restart()
    before.add_config()
    before.ask_from()
    before.reject(1)
    before.control("lem/delete-request", entryID=1)

    assert [request["entryID"] for request in restart().requests()] == [2]


def test_new_codes_are_new(restart):
    first = restart().add_config()["code"]

    assert restart().add_config()["code"] != first


def test_a_file_that_is_no_state_is_left_alone(start, tmp_path):
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Sir or Madam, this is not a database." * 100)

    with pytest.raises(StateUnreadable, match=r"letter\.txt"):
        start({"state": letter})

    assert letter.read_text().startswith("Dear Sir")
