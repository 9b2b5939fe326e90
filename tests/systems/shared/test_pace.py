"""Whoever shares a quota keeps to it together, and a 429 is waited out."""

import asyncio
import heapq
import logging
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count, pairwise
from pathlib import Path
from threading import Event

import httpx
import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from fleet.system.quota import Quota, Usage
from fleet.text.settings import UnusableSettings
from simulator.running import RunningSimulator
from simulator.settings import ProvisionApiSettings, SimulatorSettings
from systems.lem.client import LemClient
from systems.provision_api.client import ProvisionApiClient
from systems.provision_api.settings import ProvisionApiSettings as ProvisionApiClientSettings
from systems.shared.budget import Budget
from systems.shared.errors import NotFound, TooManyRequests
from systems.shared.pace import Pace, PaceSettings
from tests.laws import share_of
from tests.systems.acusight.asking import ACUSIGHT
from tests.systems.lem.asking import LEM, lem_settings
from tests.systems.provision_api.asking import ADMIN_KEY, PROVISION_API, provision_api_settings
from tests.systems.shared.calls import replying

pytestmark = pytest.mark.usefixtures("unhurried")

FOREVER = timedelta(minutes=15)
QUICK = Quota(2, timedelta(seconds=0.2))
FULL = httpx.Response(429)


class Clock:
    """Milliseconds that pass when a test says so."""

    def __init__(self, now=0):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def file(tmp_path):
    return tmp_path / "pace" / "whose.db"


def answering(*responses):
    """An attempt that is answered so, and with 200 from then on; and the moments of its calls."""
    left, moments = list(responses), []

    async def attempt():
        moments.append(time.monotonic())
        return left.pop(0) if left else httpx.Response(200)

    return attempt, moments


def gaps(moments):
    return [after - before for before, after in pairwise(moments)]


def run(story, *paces):
    """What `story` says of `paces`, which are closed after it."""

    async def message():
        try:
            return await story(*paces)
        finally:
            for pace in paces:
                await pace.__aexit__(None, None, None)

    return asyncio.run(message())


def schedule(quota, travels, file):
    """When a server receives calls of several budgets on one file, each made as soon as it may be.

    `travels` are the milliseconds to the server and back, by call.
    """
    clock = Clock()
    budgets = [Budget(quota, file, clock) for _ in range(2)]
    events = [(0, number, "take") for number in range(len(travels))]
    received = []
    while events:
        clock.now, number, what = heapq.heappop(events)
        budget, call, (there, back) = budgets[number % 2], str(number), travels[number]
        if what == "answered":
            budget.answered(call)
        elif wait := budget.take(call):
            heapq.heappush(events, (clock.now + round(wait * 1000), number, "take"))
        else:
            received.append(clock.now + there)
            heapq.heappush(events, (clock.now + there + back, number, "answered"))
    for budget in budgets:
        budget.close()
    return sorted(received)


WINDOW = 2000
quotas = st.integers(1, 5).map(lambda calls: Quota(calls, timedelta(milliseconds=WINDOW)))
slow = st.tuples(st.integers(0, 1000), st.integers(0, 3 * WINDOW))
quick = st.tuples(st.integers(0, 20), st.integers(0, 40))


@settings(max_examples=share_of(20))
@given(quotas, st.lists(slow, min_size=6, max_size=16))
def test_no_window_of_the_server_sees_more_than_the_quota(quota, travels):
    with tempfile.TemporaryDirectory() as folder:
        received = schedule(quota, travels, Path(folder) / "whose.db")

    spans = [b - a for a, b in zip(received, received[quota.calls :], strict=False)]
    assert len(received) == len(travels)
    assert all(span >= WINDOW for span in spans)


@settings(max_examples=share_of(20))
@given(quotas, st.lists(quick, min_size=6, max_size=16))
def test_hardly_anything_is_left_of_the_quota(quota, travels):
    with tempfile.TemporaryDirectory() as folder:
        received = schedule(quota, travels, Path(folder) / "whose.db")

    fewest_windows = (len(travels) - 1) // quota.calls
    assert received[-1] - received[0] <= fewest_windows * WINDOW / 0.95 + 20


def test_what_was_counted_before_the_machine_was_started_anew_counts_no_more(file):
    quota = Quota(1, timedelta(seconds=60))
    before, after = Budget(quota, file, Clock(10**9)), Budget(quota, file, Clock(5))
    before.take("a")

    waits = [after.take("b"), after.take("c")]

    assert waits[0] == 0
    assert 59 < waits[1] < 61
    before.close()
    after.close()


SHARING = """
import asyncio, sys
from systems.provision_api.client import ProvisionApiClient
from systems.provision_api.settings import ProvisionApiSettings as ProvisionApiClientSettings
from systems.provision_api.settings import ProvisionApiSettings
from tests.laws import share_of

async def told():
    settings = ProvisionApiSettings(_env_file=None, url=sys.argv[1])
    async with ProvisionApiClient.connect(settings) as api:
        await asyncio.gather(*(api.devices() for _ in range(8)))
        print(api.pace.calls, api.pace.refused)

asyncio.run(told())
"""


@pytest.mark.process
def test_two_processes_share_a_quota(monkeypatch):
    tight = ProvisionApiSettings(rate_calls=6, rate_seconds=0.4)
    monkeypatch.setenv("PROVISION_API_QUOTA_CALLS", "6")
    monkeypatch.setenv("PROVISION_API_QUOTA_SECONDS", "0.4")
    monkeypatch.setenv("MUSTER_PACE_WAIT_LIMIT", "PT1M")
    with RunningSimulator(SimulatorSettings(provision_api=tight)) as simulator:
        command = [sys.executable, "-c", SHARING, f"{simulator.url}/provision"]

        both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]

        assert [process.communicate()[0].split() for process in both] == [["8", "0"]] * 2
        (counted,) = simulator.control("calls")["calls"]
        assert counted["count"] == 16


def test_others_run_on_while_a_call_waits_for_the_file(file):
    lock = FileLock(f"{file}.lock", thread_local=False)
    file.parent.mkdir()
    attempt, moments = answering()
    rescue = threading.Timer(60, lock.release)  # or one who waited in the loop would do so forever

    async def story(pace):
        lock.acquire()
        rescue.start()
        call = asyncio.create_task(pace.sent(attempt))
        for _ in range(20):
            await asyncio.sleep(0.005)
        seen = lock.is_locked, call.done(), len(moments)
        lock.release()
        await call
        return seen

    seen = run(story, Pace(Budget(QUICK, file)))
    rescue.cancel()

    assert seen == (True, False, 0)
    assert len(moments) == 1


def test_what_is_reserved_does_not_wait_again_and_is_nobody_else_s(file):
    mine, my_moments = answering()
    other, other_moments = answering()
    clock = Clock()

    async def action(pace, reserved, go):
        await pace.reserve(2)
        reserved.set()
        await go.wait()
        await asyncio.gather(pace.sent(mine), pace.sent(mine))

    async def story(pace, elsewhere):
        reserved, go = asyncio.Event(), asyncio.Event()
        executing = asyncio.create_task(action(pace, reserved, go))
        await reserved.wait()
        for somebody in (pace, elsewhere):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(somebody.sent(other), 0.05)
        go.set()
        await asyncio.wait_for(executing, 10)

    run(story, *(Pace(Budget(QUICK, file, clock)) for _ in range(2)))

    assert (len(my_moments), other_moments) == (2, [])


def test_a_turn_that_was_reserved_too_long_ago_is_none(file):
    attempt, moments = answering()
    clock = Clock()
    other = Budget(QUICK, file, clock)

    async def story(pace):
        await pace.reserve()
        clock.now += 5000
        other.take("one")
        other.take("another")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pace.sent(attempt), 0.05)

    run(story, Pace(Budget(QUICK, file, clock)))

    assert moments == []
    other.close()


@pytest.mark.parametrize(("calls", "is_full"), [(0, False), (1, False), (2, True), (3, True)])
def test_more_than_the_quota_can_be_asked_for_but_is_not_waited_for(file, calls, is_full):
    budget = Budget(QUICK, file, Clock())

    async def story(pace):
        await asyncio.wait_for(pace.reserve(calls), 10)
        return budget.take("another") > 0

    assert run(story, Pace(budget)) == is_full


def test_without_a_quota_nobody_waits():
    attempt, moments = answering()

    async def story(pace):
        await pace.reserve(1000)
        await asyncio.gather(*(pace.sent(attempt) for _ in range(100)))

    pace = Pace()
    run(story, pace)

    assert (len(moments), pace.calls, pace.refused) == (100, 100, 0)
    assert pace.waited < timedelta(seconds=1)


def test_what_an_attempt_raises_is_raised_and_its_turn_counts(file):
    async def broken():
        raise httpx.ReadTimeout("no answer")

    async def story(pace):
        for _ in range(2):
            with pytest.raises(httpx.ReadTimeout):
                await pace.sent(broken)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pace.sent(broken), 0.05)
        return pace.calls

    assert run(story, Pace(Budget(QUICK, file))) == 2


def test_a_429_is_no_failure_and_the_pauses_grow(file):
    attempt, moments = answering(FULL, FULL, FULL)

    async def story(pace):
        return await pace.sent(attempt)

    quota = Quota(50, timedelta(seconds=2))
    pace = Pace(Budget(quota, file), FOREVER)
    response = run(story, pace)

    assert response.status_code == 200
    assert (pace.calls, pace.refused) == (4, 3)
    assert pace.waited >= timedelta(seconds=0.04 + 0.06 + 0.09)
    assert all(gap >= least for gap, least in zip(gaps(moments), (0.04, 0.06, 0.09), strict=True))


class StoryReport(Budget):
    """A budget that says when it was held."""

    def __init__(self, *how):
        super().__init__(*how)
        self.held = Event()

    def hold(self, seconds):
        super().hold(seconds)
        self.held.set()


def test_a_429_has_everybody_wait_who_shares_the_quota(file):
    attempt, moments = answering(FULL)
    budget, elsewhere = StoryReport(QUICK, file, Clock()), Budget(QUICK, file, Clock())

    async def story(pace):
        call = asyncio.create_task(pace.sent(attempt))
        await asyncio.to_thread(budget.held.wait, 10)
        wait = elsewhere.take("another")
        call.cancel()
        return wait

    assert run(story, Pace(budget, FOREVER)) > 0
    assert len(moments) == 1
    elsewhere.close()


@given(st.floats(0.01, 3), st.integers(0, 4))
@settings(max_examples=share_of(20))
def test_who_is_held_is_held_for_so_long_or_for_a_window(seconds, calls):
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        budget = Budget(Quota(3, timedelta(seconds=2)), Path(folder) / "whose.db", clock)
        for call in range(calls):
            budget.take(str(call))
            budget.answered(str(call))
        clock.now += 1999
        budget.hold(seconds)
        held_from = clock.now

        while wait := budget.take("late"):
            clock.now += round(wait * 1000)

        budget.close()
    assert round(min(seconds, 2) * 1000) <= clock.now - held_from <= min(seconds, 2) * 1000 + 5


def test_a_system_that_says_how_long_to_wait_is_believed():
    now = datetime.now(UTC)
    soon = format_datetime(now + timedelta(seconds=1), usegmt=True)
    date = {"Retry-After": soon, "Date": format_datetime(now, usegmt=True)}
    by_date, moments = answering(httpx.Response(429, headers=date))
    by_seconds, more = answering(httpx.Response(429, headers={"Retry-After": "1"}))

    async def story(one, other):
        await asyncio.gather(one.sent(by_date), other.sent(by_seconds))

    run(story, Pace(), Pace())

    assert 1 <= gaps(moments)[0] < 1.5
    assert 1 <= gaps(more)[0] < 1.5


def test_nothing_but_429_is_reported_when_the_wait_limit_is_reached(file):
    attempt, moments = answering(*[FULL] * 100)

    async def story(pace):
        return await pace.sent(attempt)

    pace = Pace(Budget(QUICK, file), timedelta(seconds=0.4))
    response = run(story, pace)

    assert response.status_code == 429
    assert pace.refused == pace.calls == len(moments) == 3


def test_a_wait_that_is_longer_than_the_wait_limit_is_not_begun():
    busy = httpx.MockTransport(lambda _: httpx.Response(429, headers={"Retry-After": "3600"}))

    async def story():
        async with LemClient.connect(lem_settings(), busy) as lem:
            lem.pace = Pace(wait_limit=FOREVER)
            for _ in range(2):
                with pytest.raises(TooManyRequests) as refusal:
                    await lem.requests()
            return refusal.value.retry_after

    assert asyncio.run(asyncio.wait_for(story(), 60)) == timedelta(hours=1)


@pytest.mark.heavy
def test_a_refusal_and_the_long_wait_after_it_are_both_logged(caplog, file):
    caplog.set_level(logging.INFO)
    attempt, _ = answering(FULL)

    async def story(pace):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pace.sent(attempt), 1)

    run(story, Pace(Budget(Quota(1, timedelta(seconds=60)), file, Clock())))

    refusal, wait = dict.fromkeys(record.getMessage() for record in caplog.records)
    assert "1 call waits for it" in wait
    assert "refused a call over its quota (429)" in refusal


def test_a_429_is_logged_once_a_minute_without_a_secret(caplog, monkeypatch, tmp_path):
    monkeypatch.setenv("MUSTER_PACE_FOLDER", str(tmp_path))  # no other test uses up its quota
    monkeypatch.setenv("MUSTER_PACE_WAIT_LIMIT", "PT15M")
    caplog.set_level(logging.DEBUG)
    attempts = count(1)
    here = provision_api_settings(quota_calls=100, quota_seconds=1)
    busy = httpx.MockTransport(
        lambda _: httpx.Response(429 if next(attempts) < 4 else 200, json=[])
    )

    async def story():
        async with ProvisionApiClient.connect(here, busy) as api:
            await api.devices()

    asyncio.run(story())

    # pytest sees a line twice that a handler passes on: where tasks write it into the run's log.
    (warning,) = {each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING}
    assert "provision.test:80 refused a call over its quota (429)" in warning
    assert "100 calls in 1 s" in warning
    assert ADMIN_KEY not in caplog.text


def test_a_window_s_calls_are_counted_by_who_made_them(file):
    hour = Quota(9, timedelta(hours=1))

    async def story(one, other):
        nothing = await one.usage()
        await one.reserve(2)
        await other.reserve(3)
        return nothing, await one.usage(), await other.usage()

    paces = [Pace(Budget(hour, file)) for _ in range(2)]
    assert run(story, *paces) == (Usage(), Usage(own=2, others=3), Usage(own=3, others=2))


def test_a_pause_after_a_429_is_nobody_s_and_uses_the_quota(file):
    async def story(pace, budget):
        budget.hold(3600)
        return await pace.usage()

    budget = Budget(Quota(9, timedelta(hours=1)), file)
    assert run(lambda pace: story(pace, budget), Pace(budget)) == Usage(own=9)


def test_without_a_quota_nothing_is_used():
    assert run(lambda pace: pace.usage(), Pace()) == Usage()


def test_only_an_administrator_s_calls_count_at_provision_api():
    here = provision_api_settings(quota_calls=1, quota_seconds=3600)

    def answer(request):
        everything = {"status": "ok", "provision_token": "tok-1"}
        return httpx.Response(200, json=[] if "admin" in request.url.path else everything)

    async def story():
        async with ProvisionApiClient.connect(here, httpx.MockTransport(answer)) as api:
            await api.devices()
            for _ in range(3):
                await api.health()
                await api.ready()
                await api.activate("tenant-a", "dev-001", SecretStr("code"))
            return api.pace.calls

    assert asyncio.run(story()) == 1


def test_a_quota_is_what_the_settings_say_or_what_is_documented(monkeypatch):
    for name in ("LEM_QUOTA_CALLS", "PROVISION_API_QUOTA_CALLS", "PROVISION_API_QUOTA_SECONDS"):
        monkeypatch.delenv(name, raising=False)
    unknown, documented = lem_settings(), ProvisionApiClientSettings(_env_file=None)
    monkeypatch.setenv("LEM_QUOTA_CALLS", "100")
    monkeypatch.setenv("LEM_QUOTA_SECONDS", "1.5")

    assert unknown.quota is None
    assert documented.quota == Quota(10, timedelta(minutes=1))
    assert lem_settings().quota == Quota(100, timedelta(seconds=1.5))


@pytest.mark.parametrize("odd", [{"quota_calls": -1}, {"quota_seconds": 0}])
def test_a_quota_that_cannot_be_is_refused(odd):
    with pytest.raises(UnusableSettings):
        lem_settings(**odd)


def test_the_file_is_its_user_s_alone_and_says_no_credential(tmp_path):
    here = provision_api_settings(quota_calls=1)

    async def story(pace):
        await pace.reserve()

    run(story, Pace.of(here, SecretStr(ADMIN_KEY)))

    folder = tmp_path / "pace"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [*folder.iterdir()]
    assert not [path for path in folder.iterdir() if ADMIN_KEY in path.name]
    assert not [path for path in folder.iterdir() if ADMIN_KEY.encode() in path.read_bytes()]


def test_another_address_or_credential_is_another_quota(tmp_path):
    one = provision_api_settings(quota_calls=1)
    other = provision_api_settings(quota_calls=1, url="http://other.test")
    keys = [(one, ADMIN_KEY), (one, "another"), (other, ADMIN_KEY)]

    async def story(*paces):
        await asyncio.gather(*(pace.reserve() for pace in paces))

    run(story, *(Pace.of(which, SecretStr(key)) for which, key in keys))

    assert len([*(tmp_path / "pace").glob("*.db")]) == 3


def test_counts_are_stored_where_the_user_s_state_is_or_else_with_temporary_files(
    monkeypatch, tmp_path
):
    monkeypatch.delenv("MUSTER_PACE_FOLDER")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    usual = PaceSettings(_env_file=None).folder
    (tmp_path / "state").touch()
    without = PaceSettings(_env_file=None).folder

    assert usual == tmp_path / "state" / "muster" / "pace"
    assert without.parent == Path(tempfile.gettempdir())
    assert not usual.exists()


@pytest.mark.parametrize(
    ("date", "skew"),
    [
        (lambda: format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True), 600),
        (lambda: format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True), -3600),
        (lambda: "", None),
        (lambda: "yesterday", None),
        (lambda: "Mon, 09 Mar 2026 12:00:00 -0000", None),
    ],
    ids=["ahead", "behind", "none", "no date", "no zone"],
)
@pytest.mark.parametrize("system", [LEM, ACUSIGHT, PROVISION_API], ids=lambda s: s.client.__name__)
def test_the_server_s_clock_is_compared_with_ours(system, date, skew):
    _, _, call = next(iter(system.calls.values()))

    async def compared(client):
        before = client.skew
        with pytest.raises(NotFound):
            await call(client)
        return before, client.skew

    before, after = system.ask(compared, replying({}, 404, Date=date()))

    assert before is None
    assert after is None if skew is None else abs(after.total_seconds() - skew) < 1


def test_the_last_date_that_was_reported_is_the_one_that_counts():
    dates = iter([datetime.now(UTC) + timedelta(hours=hours) for hours in (1, 2)])

    def answer(request):
        message = next(dates, None)
        return httpx.Response(
            200, json=[], headers={"Date": format_datetime(message)} if message else {}
        )

    async def asked(lem):
        for _ in range(3):
            await lem.requests()
        return lem.skew

    assert abs(LEM.ask(asked, answer) - timedelta(hours=2)) < timedelta(seconds=1)
