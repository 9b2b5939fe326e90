"""Until when a newly made code is to live, and how an existing one is named."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext
from pydantic import TypeAdapter, ValidationError

from fleet.planning.preflight import ImpossibleRun
from tasks.runtime.forms import CODE_LIFE, ExistingCode, expiry

HOUR = timedelta(hours=1)


def test_an_empty_field_means_a_week_from_now():
    before = datetime.now(UTC)

    given = expiry(None)

    assert timedelta(days=7) == CODE_LIFE
    assert before + CODE_LIFE <= given <= datetime.now(UTC) + CODE_LIFE


def test_a_time_without_a_zone_is_utc():
    assert expiry(datetime(2999, 3, 2, 9, 0)) == datetime(2999, 3, 2, 9, 0, tzinfo=UTC)


def test_a_time_of_another_zone_is_reported_in_utc():
    given = expiry(datetime(2999, 3, 2, 9, 0, tzinfo=timezone(2 * HOUR)))

    assert given == datetime(2999, 3, 2, 7, 0, tzinfo=UTC)
    assert given.tzinfo is UTC


@pytest.mark.parametrize("zone", [None, UTC])
def test_the_past_is_refused(zone):
    with pytest.raises(ImpossibleRun, match="2020-03-02 09:00 UTC is in the past"):
        expiry(datetime(2020, 3, 2, 9, 0, tzinfo=zone))


def test_the_past_of_another_zone_is_refused_by_its_time_in_utc():
    with pytest.raises(ImpossibleRun, match="2020-03-02 07:00 UTC is in the past"):
        expiry(datetime(2020, 3, 2, 9, 0, tzinfo=timezone(2 * HOUR)))


def test_zones_count_when_past_and_future_are_distinguished():
    soon = datetime.now(UTC) + HOUR / 2

    assert expiry(soon.astimezone(timezone(5 * HOUR))) == soon
    with pytest.raises(ImpossibleRun):
        expiry(soon.replace(tzinfo=timezone(5 * HOUR)))


def test_a_run_that_begins_anew_is_judged_by_when_it_began_at_first():
    began = datetime(2020, 3, 2, 7, 0, tzinfo=UTC)
    context = FlowRunContext.model_construct(flow_run=FlowRun(flow_id=uuid4(), start_time=began))

    with context:
        given = expiry(began + HOUR)
        with pytest.raises(ImpossibleRun):
            expiry(began - HOUR)

    assert given == began + HOUR


@pytest.mark.parametrize("ending", ["", "12c", "AB12C"])
def test_an_existing_code_is_named_by_its_ending(ending):
    assert TypeAdapter(ExistingCode).validate_python(ending) == ending


@pytest.mark.parametrize(
    "given", ["PLANT-EDCOD-E0000-00000-00001", "1-AB12C", "XAB12C", "2C", "ab 1c", "AB12C\n"]
)
def test_a_whole_code_is_refused_and_so_is_what_can_be_no_ending(given):
    with pytest.raises(ValidationError, match="String should match pattern"):
        TypeAdapter(ExistingCode).validate_python(given)
