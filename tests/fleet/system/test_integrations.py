"""Integrations as a person writes them down: every fault at once, and only what is missing."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from fleet.system.integrations import (
    Configuration,
    FromBlock,
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
            "line 3: webhooks.0.url: field required. Add it",
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
        (("site_ids: [plant-7]", "colour: red"), "Remove it, or correct its spelling"),
        (
            ("{env: MUSTER_INTEGRATION_OPS}", "7"),
            "headers.Authorization: input should be a valid str",
        ),
        (
            ("{env: MUSTER_INTEGRATION_OPS}", "{env: 7}"),
            "headers.Authorization.env: input should be a valid string",
        ),
        (("{env: MUSTER", "{block: MUSTER"), "line 6: webhooks.0.headers.Authorization.block: 'MU"),
        (("site_ids: [plant-7]", "webhook: ops"), "line 11: webhook: it is here twice"),
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
    "name", ["Authorization", "set-cookie", "X-API-Key", "apikey", "Token", "X-Secret", "PASSWORD"]
)
def test_a_credential_is_known_by_the_name_of_its_header(name: str) -> None:
    assert f"line 6: webhooks.0.headers.{name}: do not write a credential" in refusal(
        GOOD.replace("Authorization: {env: MUSTER_INTEGRATION_OPS}", f"{name}: s3cret")
    )


def test_a_header_that_is_no_credential_may_be_written_down() -> None:
    wanted = read_configuration(GOOD.replace("Authorization: {env", "X-Team: ops\n      X: {env"))

    assert wanted.webhooks[0].headers["X-Team"] == "ops"


def test_a_header_comes_from_the_variable_or_the_block_that_it_names() -> None:
    of_a_block = GOOD.replace("env: MUSTER_INTEGRATION_OPS", "block: muster-integration-ops")
    values = [
        each
        for text in (GOOD, of_a_block)
        for each in read_configuration(text).webhooks[0].headers.values()
    ]

    assert [(type(each), each.model_dump()) for each in values if not isinstance(each, str)] == [
        (FromEnvironment, {"env": "MUSTER_INTEGRATION_OPS"}),
        (FromBlock, {"block": "muster-integration-ops"}),
    ]


def test_what_was_read_does_not_change() -> None:
    wanted = read_configuration(GOOD)

    with pytest.raises(ValidationError, match="frozen"):
        wanted.webhooks[0].url = "https://elsewhere.example.com"


def test_an_address_leads_to_its_host() -> None:
    assert read_configuration(GOOD).webhooks[0].host == "hooks.example.com"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("webhooks: [", "is not YAML: line"),
        ("just a text", "names neither webhooks nor routes"),
        (
            "webhooks:\n- {name: a, url: 'http://x'}\n- {name: a, url: 'http://y'}",
            "line 3: webhooks.1.name: the name is here twice",
        ),
        (
            "routes:\n- {name: a, webhook: b}\n- {name: a, webhook: b}",
            "line 3: routes.1.name: the name is here twice",
        ),
    ],
)
def test_what_is_no_configuration_is_refused_in_words(text: str, message: str) -> None:
    assert message in refusal(text)


def test_a_route_is_known_by_its_name_and_its_webhook() -> None:
    routes = "- {name: a, webhook: b}\n- {name: a, webhook: c}\n- {name: d, webhook: b}"

    wanted = read_configuration(f"routes:\n{routes}")

    assert [(each.name, each.webhook) for each in wanted.routes] == [
        ("a", "b"),
        ("a", "c"),
        ("d", "b"),
    ]


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

    assert (f"{found.presence}", found.id) == ("differs", "1")
    assert "url is 'http://old' there" in found.reason


def test_what_a_system_hides_or_calls_by_an_id_makes_no_difference() -> None:
    wanted = read_configuration(GOOD)
    hook = {
        "name": "OPS",
        "url": "https://hooks.example.com/ops",
        "headers": {"Authorization": "•"},
    }
    way = {"name": "1", "webhook": "7", "min_severity": 3, "site_ids": ["plant-7"], "enabled": True}
    listed = Integrations((Listed("7", "ops", hook),), (Listed("1", "severe", way, "7"),))

    found = compare(wanted, listed)

    assert [(each.kind, f"{each.presence}", each.reason, each.id) for each in found] == [
        ("webhook", "there", "", "7"),
        ("route", "there", "", "1"),
    ]


def test_a_route_that_says_no_more_is_there_as_a_service_makes_it() -> None:
    wanted = Configuration(routes=(Route(name="all", webhook="ops"),))
    made = {"enabled": True, "min_severity": None, "deliver_on": ["OPEN"], "priority": 100}
    made |= {"alert_types": [], "site_ids": [], "device_prefixes": []}
    listed = Integrations((Listed("7", "ops", {}),), (Listed("1", "all", made, "7"),))

    assert [each.presence for each in compare(wanted, listed)] == [Presence.THERE]


def test_what_is_not_there_has_no_id() -> None:
    found = compare(read_configuration(GOOD), Integrations())

    assert [(f"{each.presence}", each.id) for each in found] == [("missing", ""), ("missing", "")]


def test_spaces_around_an_address_are_no_part_of_it() -> None:
    wanted = read_configuration("webhooks:\n- {name: ops, url: ' https://x/ops  '}\n")
    listed = Integrations((Listed("1", "ops", {"url": "https://x/ops", "enabled": True}),))

    assert compare(wanted, listed)[0].presence is Presence.THERE
    assert "should have at least 1 character" in refusal("webhooks:\n- {name: ops, url: '  '}\n")


def test_a_name_that_the_system_lists_twice_is_reported() -> None:
    wanted = Configuration(webhooks=(Webhook(name="ops", url="http://x"),))
    listed = Integrations(tuple(Listed(str(n), "ops", {}) for n in range(2)))

    (found,) = compare(wanted, listed)

    assert (found.presence, found.id) == (Presence.DOUBLED, "0")


def test_a_route_to_nowhere_is_without_webhook() -> None:
    wanted = Configuration(routes=(Route(name="r", webhook="elsewhere"),))

    assert without_webhook(wanted, Integrations()) == [wanted.routes[0]]
    assert without_webhook(wanted, Integrations((Listed("1", "elsewhere", {}),))) == []


def test_a_list_that_may_hide_something_says_why_and_what_to_do() -> None:
    assert Integrations().gap == ""
    assert "ended at its limit" in Integrations(truncated=True).gap
    assert "(GET /list: entry 3.id)" in Integrations(unreadable=("GET /list: entry 3.id",)).gap
