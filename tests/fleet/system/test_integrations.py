"""Integrations as a person writes them down: every fault at once, and only what is missing."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.system.integrations import (
    Configuration,
    FromEnvironment,
    Integrations,
    Listed,
    Presence,
    Route,
    UnusableConfiguration,
    Webhook,
    compare,
    read_configuration,
    without_webhook,
)

GOOD = """
webhooks:
  - name: ops
    url: https://hooks.example.com/ops
    headers:
      Authorization: {env: MUSTER_INTEGRATION_OPS}
routes:
  - name: severe
    webhook: ops
    min_severity: 3
    site_ids: [plant-7]
"""


def refusal(text: str) -> str:
    with pytest.raises(UnusableConfiguration) as error:
        read_configuration(text)
    return str(error.value)


def test_a_good_configuration_is_read() -> None:
    wanted = read_configuration(GOOD)

    assert wanted.webhooks[0].headers == {
        "Authorization": FromEnvironment(env="MUSTER_INTEGRATION_OPS")
    }
    assert wanted.routes == (
        Route(name="severe", webhook="ops", min_severity=3, site_ids=("plant-7",)),
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("url: https://hooks.example.com/ops", "link: x"),
            "line 3: webhooks.0.url: field required",
        ),
        (("url: https://hooks.example.com/ops", "url: ftp//x"), "line 4: webhooks.0.url: it is no"),
        (("min_severity: 3", "min_severity: high"), "line 10: routes.0.min_severity: input should"),
        (("site_ids: [plant-7]", "deliver_on: [CLOSED]"), "Write OPEN"),
        (
            ("site_ids: [plant-7]", "deliver_on: [open]"),
            "0: input should be 'OPEN'. Write OPEN, in",
        ),
        (
            ("{env: MUSTER_INTEGRATION_OPS}", "Bearer 1234"),
            "line 6: webhooks.0.headers.Authorization: do not write a credential",
        ),
        (
            ("MUSTER_INTEGRATION_OPS", "AWS_SECRET_ACCESS_KEY"),
            "'AWS_SECRET_ACCESS_KEY' is not meant for webhooks. Store the value under a name that "
            "begins with MUSTER_INTEGRATION_",
        ),
        (("env: MUSTER_INTEGRATION_OPS", "block: vault"), "name that begins with muster-integ"),
        (("MUSTER_INTEGRATION_OPS", "MUSTER_INTEGRATION_"), "is not meant for webhooks"),
        (("site_ids: [plant-7]", "colour: red"), "line 11: routes.0.colour: extra inputs"),
        (("site_ids: [plant-7]", 'site_ids: ["a\\0b"]'), "Remove the NUL from it"),
        (("min_severity: 3", "min_severity: 2147483648"), "line 10: routes.0.min_severity: input"),
    ],
)
def test_a_fault_is_reported_with_its_line_and_remedy(
    change: tuple[str, str], message: str
) -> None:
    assert message in refusal(GOOD.replace(*change))


def test_all_faults_are_reported_at_once_and_no_credential_is_shown() -> None:
    message = refusal("webhooks:\n  - name: a\n    url: x\n    headers: {X-Token: s3cret}\n")

    assert message.count("\n- line") == 2
    assert "s3cret" not in message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("webhooks: [", "is not YAML: line"),
        ("just a text", "names neither webhooks nor routes"),
        (
            "webhooks:\n- {name: a, url: 'http://x'}\n- {name: a, url: 'http://y'}",
            "is here twice",
        ),
    ],
)
def test_what_is_no_configuration_is_refused_in_words(text: str, message: str) -> None:
    assert message in refusal(text)


@given(st.text())
def test_any_text_is_a_configuration_or_is_refused_in_words(text: str) -> None:
    with suppress(UnusableConfiguration):
        assert read_configuration(text)


names = st.sampled_from(["a", "b", "c"])
webhooks = st.builds(Webhook, name=names, url=st.sampled_from(["http://x", "http://y"]))
routes = st.builds(Route, name=names, webhook=names, min_severity=st.none() | st.integers(0, 5))


def executed(wanted: Configuration, listed: Integrations) -> Integrations:
    """What a system lists once everything missing was made."""
    made = [c.wanted for c in compare(wanted, listed) if c.presence is Presence.MISSING]
    hooks = [*listed.webhooks]
    hooks += [
        Listed(w.name, w.name, {"url": w.url, "enabled": w.enabled})
        for w in made
        if isinstance(w, Webhook)
    ]
    ways = [*listed.routes]
    ways += [
        Listed(f"{r.webhook}/{r.name}", r.name, {"priority": r.priority}, r.webhook)
        for r in made
        if isinstance(r, Route)
    ]
    return Integrations(tuple(hooks), tuple(ways))


@given(
    st.lists(webhooks, unique_by=lambda w: w.name, max_size=3),
    st.lists(routes, unique_by=lambda r: (r.name, r.webhook), max_size=4),
)
def test_once_it_was_executed_nothing_is_missing(hooks: list, ways: list) -> None:
    known = {hook.name for hook in hooks}
    wanted = Configuration(
        webhooks=tuple(hooks), routes=tuple(way for way in ways if way.webhook in known)
    )

    found = compare(wanted, executed(wanted, Integrations()))

    assert {each.presence for each in found} <= {Presence.THERE}


@pytest.mark.parametrize("said", ["[OPEN, OPEN]", "[]"])
def test_moments_are_asked_for_as_a_service_stores_them(said: str) -> None:
    wanted = read_configuration(GOOD.replace("site_ids: [plant-7]", f"deliver_on: {said}"))

    assert wanted.routes[0].deliver_on == ("OPEN",)


def test_what_differs_is_reported_and_not_touched() -> None:
    wanted = Configuration(webhooks=(Webhook(name="ops", url="http://new"),))
    listed = Integrations((Listed("1", "ops", {"url": "http://old", "enabled": True}),))

    (found,) = compare(wanted, listed)

    assert found.presence is Presence.DIFFERS
    assert "url is 'http://old' there" in found.reason


def test_spaces_around_an_address_are_no_part_of_it() -> None:
    wanted = read_configuration("webhooks:\n- {name: ops, url: ' https://x/ops  '}\n")
    listed = Integrations((Listed("1", "ops", {"url": "https://x/ops", "enabled": True}),))

    assert compare(wanted, listed)[0].presence is Presence.THERE
    assert "should have at least 1 character" in refusal("webhooks:\n- {name: ops, url: '  '}\n")


def test_a_name_that_the_system_lists_twice_is_reported() -> None:
    wanted = Configuration(webhooks=(Webhook(name="ops", url="http://x"),))
    listed = Integrations(tuple(Listed(str(n), "ops", {}) for n in range(2)))

    assert compare(wanted, listed)[0].presence is Presence.DOUBLED


def test_a_route_to_nowhere_is_without_webhook() -> None:
    wanted = Configuration(routes=(Route(name="r", webhook="elsewhere"),))

    assert without_webhook(wanted, Integrations()) == [wanted.routes[0]]
    assert without_webhook(wanted, Integrations((Listed("1", "elsewhere", {}),))) == []


def test_a_list_that_may_hide_something_says_why_and_what_to_do() -> None:
    assert Integrations().gap == ""
    assert "ended at its limit" in Integrations(truncated=True).gap
    assert "(GET /list: entry 3.id)" in Integrations(unreadable=("GET /list: entry 3.id",)).gap
