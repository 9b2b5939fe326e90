"""What now is: the machine's time, or the simulator's."""

import math
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from deployments.processes import free_port
from fleet.text.settings import UnusableSettings
from simulator.running import RunningSimulator
from simulator.settings import SimulatorSettings
from tasks.runtime.clock import ClockSettings, ClockUnreadable, utc_now
from tasks.runtime.connection_run import ConnectionRun


@pytest.fixture(scope="module")
def running():
    """A simulator whose clock stands until it is moved."""
    with RunningSimulator(SimulatorSettings(speed=0)) as simulator:
        yield simulator


@pytest.fixture
def simulator(running, monkeypatch):
    monkeypatch.setenv("MUSTER_CLOCK_URL", running.url)
    return running


def test_now_is_the_machine_s_unless_a_simulator_is_named(monkeypatch):
    monkeypatch.delenv("MUSTER_CLOCK_URL", raising=False)

    assert abs(utc_now() - datetime.now(UTC)) < timedelta(seconds=1)


def test_an_empty_setting_names_none(monkeypatch):
    monkeypatch.setenv("MUSTER_CLOCK_URL", "")

    assert abs(utc_now() - datetime.now(UTC)) < timedelta(seconds=1)


def test_now_stands_while_the_simulator_s_clock_does(simulator):
    assert utc_now() == utc_now()


def test_what_the_simulator_s_clock_is_advanced_by_has_passed_for_the_flows(simulator):
    before = utc_now()

    simulator.control("clock", advance_seconds=30 * 86_400)

    assert utc_now() - before == timedelta(days=30)
    assert ConnectionRun.now() == utc_now()


def test_now_is_aware_and_to_the_millisecond_what_the_simulator_says(simulator):
    milliseconds = simulator.control("clock")["now"]

    assert utc_now().tzinfo is UTC
    assert math.isclose(utc_now().timestamp() * 1000, milliseconds, abs_tol=0.5)


def test_a_slash_at_the_end_of_the_address_does_no_harm(simulator, monkeypatch):
    monkeypatch.setenv("MUSTER_CLOCK_URL", f"{simulator.url}/")

    assert utc_now() == utc_now()


@pytest.mark.heavy
def test_many_threads_read_the_same_clock(simulator):
    with ThreadPoolExecutor(16) as threads:
        times = set(threads.map(lambda _: utc_now(), range(200)))

    assert len(times) == 1


def test_faults_do_not_touch_the_clock(simulator):
    simulator.control("faults", kind="status")

    assert utc_now()

    simulator.clear("faults")


def test_a_simulator_that_is_not_there_is_one_clear_error(monkeypatch):
    url = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("MUSTER_CLOCK_URL", url)

    with pytest.raises(ClockUnreadable, match=f"{url} cannot be read .ConnectError"):
        utc_now()


@pytest.mark.parametrize("path", ["nonsense", "api/v1/nonsense"])
def test_what_is_no_simulator_is_the_same_error(simulator, monkeypatch, path):
    monkeypatch.setenv("MUSTER_CLOCK_URL", f"{simulator.url}/{path}")

    with pytest.raises(ClockUnreadable, match="MUSTER_CLOCK_URL, which is for simulations only"):
        utc_now()


def test_a_setting_that_is_no_address_is_refused(monkeypatch):
    monkeypatch.setenv("MUSTER_CLOCK_URL", "sundial")

    with pytest.raises(UnusableSettings, match="MUSTER_CLOCK_URL"):
        utc_now()


def test_the_setting_is_never_taken_from_a_file(tmp_path, monkeypatch):
    monkeypatch.delenv("MUSTER_CLOCK_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("MUSTER_CLOCK_URL=http://127.0.0.1:8020\n")

    assert ClockSettings().url == ""
