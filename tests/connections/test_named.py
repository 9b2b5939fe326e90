"""Connections by name: blocks that a Prefect server stores, and those of the environment."""

import asyncio
import json
import logging
from pathlib import Path

import pytest
from prefect.blocks.core import Block
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL, temporary_settings

from connections.blocks import block_types
from connections.named import UnknownConnection, find, known
from connections.stored import PAGE
from fleet.text.settings import UnusableSettings
from simulator.lem.settings import DEFAULT_PROJECT, DEFAULT_TOKEN
from simulator.running import RunningSimulator
from systems.acusight.block import AcusightConnection
from systems.lem.block import LemConnection
from systems.provision_api.block import ProvisionApiConnection
from systems.shared.errors import Unauthorized
from tests.connections.answering import answering
from tests.connections.blocks import without_blocks

TOKEN = "canary-0123456789"
VARIABLES = ("LEM_URL", "ACUSIGHT_URL", "PROVISION_API_URL")
RELEASED = Path(__file__).parent / "released" / "blocks-0.1.0.json"
OF_0_1 = {
    "muster-lem-connection": {"url": "https://lem.test", "project": "p1", "token": TOKEN},
    "muster-acusight-connection": {
        "url": "https://acusight.test/api",
        "organization": "o",
        "token": TOKEN,
    },
    "muster-provision-api-connection": {
        "url": "https://provision.test",
        "tenant": "t",
        "admin_key": TOKEN,
    },
}
OWN = ["lem", "acusight", "provision-api"]


@pytest.fixture
def prefect(prefect_server, tmp_path, monkeypatch):
    """A server that stores none of our blocks, with neither .env nor environment set."""
    monkeypatch.chdir(tmp_path)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    asyncio.run(without_blocks())
    yield
    asyncio.run(without_blocks())


def lem(name="plant-7", **changes):
    """Store a block for a LEM under that name."""
    own = {"url": "https://lem.test", "project": "p1", "token": TOKEN}
    LemConnection(**(own | changes)).save(name)


def acusight(name):
    AcusightConnection(url="https://acusight.test/api", organization="o", token=TOKEN).save(name)


async def stored_as_released(name, slug, fields):
    """Store a block by the schema that a release registered, not by that of today's class."""
    async with get_client() as client:
        kind = await client.read_block_type_by_slug(slug)
        draft = {"fields": fields, "block_type_id": str(kind.id), "version": "0.1.0"}
        schema = (await client.request("POST", "/block_schemas/", json=draft)).json()
        sent = {"name": name, "data": OF_0_1[slug], "block_type_id": str(kind.id)}
        await client.request(
            "POST", "/block_documents/", json=sent | {"block_schema_id": schema["id"]}
        )


async def broken(name, **data):
    """Store a block whose data nobody has checked, as a form may leave it."""
    async with get_client() as client:
        await LemConnection.aregister_type_and_schema(client=client)
        kind = await client.read_block_type_by_slug(LemConnection.get_block_type_slug())
        schemas = await client.read_block_schemas()
        (schema,) = [each for each in schemas if each.block_type_id == kind.id][:1]
        sent = {"name": name, "data": data, "block_type_id": str(kind.id)}
        await client.request(
            "POST", "/block_documents/", json=sent | {"block_schema_id": str(schema.id)}
        )


def scope(name):
    """Where the connection leads to, once it is opened."""

    async def opened():
        async with (await find(name)).opened() as system:
            return system.scope

    return asyncio.run(opened())


def secret_of(block):
    secret = getattr(block, "admin_key", None) or block.token
    return secret.get_secret_value()


def message_of(name):
    """Why a connection cannot be found or opened."""
    with pytest.raises(UnknownConnection) as problem:
        scope(name)
    return str(problem.value)


def test_without_blocks_the_environment_has_a_connection_to_each_system(prefect):
    connections = asyncio.run(known())

    assert [each.name for each in connections] == OWN
    assert [each.system for each in connections] == ["LEM", "Acusight", "provision_api"]
    assert {each.origin for each in connections} == {"environment"}
    assert not any(each.is_set_up for each in connections)


def test_block_types_that_were_never_registered_are_no_blocks(prefect):
    async def forgotten():
        async with get_client() as client:
            for kind in block_types():
                known_as = await client.read_block_type_by_slug(kind.get_block_type_slug())
                await client.delete_block_type(known_as.id)
        return await known()

    assert [each.name for each in asyncio.run(forgotten())] == OWN


@pytest.mark.parametrize("value", ["https://lem.test", "no address"])
def test_a_connection_whose_address_somebody_gave_is_set_up(prefect, monkeypatch, value):
    monkeypatch.setenv("LEM_URL", value)

    assert [each.is_set_up for each in asyncio.run(known())] == [True, False, False]


def test_the_environment_s_connection_leads_where_the_environment_says(prefect, monkeypatch):
    monkeypatch.setenv("LEM_PROJECT", "of-the-environment")

    assert scope("lem") == "LEM project of-the-environment"


def test_what_the_environment_says_wrongly_is_reported_when_it_is_opened(prefect, monkeypatch):
    monkeypatch.setenv("LEM_URL", "no address")

    with pytest.raises(UnusableSettings, match="LEM_URL: Input should be"):
        scope("lem")


def test_a_block_is_a_connection_by_its_name(prefect):
    lem("plant-7", project="of-the-block")
    acusight("plant-8")

    connections = {each.name: each for each in asyncio.run(known())}

    assert list(connections) == ["plant-7", "plant-8", *OWN]
    assert (connections["plant-7"].system, connections["plant-7"].origin) == ("LEM", "block")
    assert connections["plant-8"].system == "Acusight"
    assert connections["plant-7"].is_set_up
    assert scope("plant-7") == "LEM project of-the-block"
    assert scope("plant-8") == "Acusight organization o"


def test_a_block_takes_the_place_of_the_environment_s_connection(prefect):
    lem("lem", project="of-the-block")

    assert scope("lem") == "LEM project of-the-block"
    assert sorted(each.name for each in asyncio.run(known())) == sorted(OWN)


def test_a_block_may_take_the_place_of_another_system_s(prefect):
    acusight("lem")

    assert asyncio.run(find("lem")).system == "Acusight"


def test_a_block_that_release_0_1_stored_still_leads_to_its_system(prefect):
    """Prefect finds a block's class by its type's slug, wherever the class is by now."""
    released = json.loads(RELEASED.read_text("utf-8"))
    for slug, schema in released.items():
        asyncio.run(stored_as_released(f"of-0-1-{slug}", slug, schema["fields"]))

    scopes = {slug: scope(f"of-0-1-{slug}") for slug in released}
    loaded = [Block.load(f"{slug}/of-0-1-{slug}") for slug in released]

    assert scopes == {
        "muster-lem-connection": "LEM project p1",
        "muster-acusight-connection": "Acusight organization o",
        "muster-provision-api-connection": "provision_api tenant t",
    }
    assert {type(block) for block in loaded} == {*block_types()}
    assert [secret_of(block) for block in loaded] == [TOKEN] * 3


def test_a_connection_uses_the_block_s_credential(prefect):
    with RunningSimulator() as simulator:
        right = {"url": simulator.url, "project": DEFAULT_PROJECT}
        lem("right", **right, token=DEFAULT_TOKEN)
        lem("wrong", **right, token="wrong")

        async def observed(name):
            async with (await find(name)).opened() as system:
                return await system._client.configs()

        assert asyncio.run(observed("right")) == []
        with pytest.raises(Unauthorized):
            asyncio.run(observed("wrong"))


def test_a_name_that_nothing_has_is_reported_with_those_that_there_are(prefect):
    lem("plant-7")

    assert message_of("plant-8") == (
        "There is no connection 'plant-8'. There are: plant-7 (LEM), lem (LEM), "
        "acusight (Acusight), provision-api (provision_api)"
    )


def test_a_name_that_two_blocks_have_is_known_once_and_refused(prefect):
    lem("plant-7")
    acusight("plant-7")

    (disputed, *others) = asyncio.run(known())

    assert (disputed.name, disputed.origin) == ("plant-7", "block")
    assert {*disputed.system.split(", ")} == {"LEM", "Acusight"}
    assert [each.name for each in others] == OWN
    assert message_of("plant-7").startswith("Two blocks have the name 'plant-7' (")
    with pytest.raises(UnknownConnection, match="Two blocks have the name"):
        disputed.opened()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"token": None}, "API token: Input should be a valid string"),
        ({"url": f"https://u:{TOKEN}@lem.test"}, "Address: Input should hold neither a user nor"),
        ({"url": "lem.test"}, "Address: Input should be a valid URL"),
        ({"ca": "/no/such/file"}, "CA certificate: Path does not point to a file"),
        ({"concurrency": TOKEN}, "Concurrency: Input should be a valid integer"),
    ],
)
def test_a_block_that_cannot_be_used_hides_no_other_and_is_reported(prefect, changes, words):
    good = {"url": "https://lem.test", "project": "p1", "token": TOKEN}
    asyncio.run(broken("plant-6", **(good | changes)))
    lem("plant-7")

    assert [each.name for each in asyncio.run(known())] == ["plant-6", "plant-7", *OWN]
    message = message_of("plant-6")
    assert message.startswith(f"The block 'plant-6' (LEM) cannot be used: {words}")
    assert TOKEN not in message
    assert scope("plant-7") == "LEM project p1"


def test_a_block_that_says_nothing_is_reported_field_by_field(prefect):
    asyncio.run(broken("plant-6"))

    assert message_of("plant-6") == (
        "The block 'plant-6' (LEM) cannot be used: Address: Field required; Project: Field "
        "required; API token: Field required. Edit it in the Prefect UI"
    )


def test_a_block_is_read_as_it_is_when_it_is_opened(prefect):
    lem("plant-7", project="before")

    async def changed():
        connection = await find("plant-7")
        block = LemConnection(url="https://lem.test", project="after", token=TOKEN)
        await block.asave("plant-7", overwrite=True)
        async with connection.opened() as system:
            return system.scope

    assert asyncio.run(changed()) == "LEM project after"


def test_a_block_that_is_missing_when_it_is_opened_is_reported_as_that(prefect):
    lem("plant-7")

    async def opened():
        connection = await find("plant-7")
        await without_blocks()
        async with connection.opened():
            pass

    with pytest.raises(UnknownConnection, match="The block 'plant-7' no longer exists"):
        asyncio.run(opened())


def test_finding_a_block_costs_one_call_and_reads_no_secret():
    document = {"name": "plant-7", "block_type": {"slug": "muster-lem-connection"}}

    with answering(200, [document]) as asked:
        connection = asyncio.run(find("plant-7"))

    ((path, sent),) = asked
    assert (connection.name, connection.system) == ("plant-7", "LEM")
    assert path == "/api/block_documents/filter"
    assert not sent.get("include_secrets")


@pytest.mark.parametrize(
    ("status", "answer"), [(500, "broken"), (401, "who are you?"), (200, b"<html>")]
)
def test_a_prefect_api_that_refuses_or_is_none_is_reported_plainly(status, answer):
    with answering(status, answer):
        message = message_of("plant-7")

    assert message.startswith("Prefect's API did not list the connections (")


def test_as_many_blocks_as_there_are_are_known(prefect):
    async def fill():
        for number in range(PAGE + 1):
            await broken(f"plant-{number}")
        return await known()

    assert len(asyncio.run(fill())) == PAGE + 1 + len(OWN)


@pytest.mark.heavy
def test_a_prefect_api_that_nobody_reaches_is_reported_plainly():
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        message = message_of("lem")

    assert message == (
        "Prefect's API did not list the connections (ConnectError). Check "
        "PREFECT_API_URL, and whether the Prefect server is running"
    )


def test_no_credential_is_in_what_a_connection_shows_or_what_is_logged(prefect, caplog):
    lem("plant-7")
    ProvisionApiConnection(url="https://p.test", tenant="t", admin_key=TOKEN).save("plant-8")

    with caplog.at_level(logging.DEBUG):
        shown = repr(asyncio.run(known())) + scope("plant-7") + scope("plant-8")

    assert TOKEN not in shown + caplog.text
