"""Block types: their forms, the settings that they say, and what they never show."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from pydantic import SecretStr, ValidationError

from connections.blocks import block_types
from simulator.lem.settings import DEFAULT_PROJECT, DEFAULT_TOKEN
from simulator.running import RunningSimulator
from systems.acusight.block import AcusightConnection
from systems.acusight.settings import AcusightSettings
from systems.lem.block import LemConnection
from systems.lem.settings import LemSettings
from systems.provision_api.block import ProvisionApiConnection
from systems.provision_api.settings import ProvisionApiSettings
from systems.shared.errors import Untrusted

SECRETS = ("secret-1", "secret-2")
LEM = {"url": "https://lem.test", "project": "p1", "token": SECRETS[0]}
ACUSIGHT = {
    "url": "https://acusight.test/api",
    "organization": "plant-ag",
    "token": SECRETS[0],
    "provisioning_token": SECRETS[1],
}
PROVISION_API = {"url": "https://provision.test", "tenant": "t", "admin_key": SECRETS[0]}
SETTINGS = {
    LemConnection: (LEM, LemSettings, "LEM_"),
    AcusightConnection: (ACUSIGHT, AcusightSettings, "ACUSIGHT_"),
    ProvisionApiConnection: (PROVISION_API, ProvisionApiSettings, "PROVISION_API_"),
}
each_type = pytest.mark.parametrize("kind", block_types(), ids=lambda kind: kind.system)


def made(kind, **changes):
    return kind(**(SETTINGS[kind][0] | changes))


def pem():
    """A certificate of a CA, as text."""
    now, key = datetime.now(UTC), ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a CA")])
    signed = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return signed.public_bytes(Encoding.PEM).decode()


@each_type
def test_every_field_of_a_form_has_a_title_and_a_description(kind):
    fields = kind.model_json_schema()["properties"]

    assert all(field["title"] and field["description"] for field in fields.values())
    assert kind.get_description()


@each_type
def test_a_form_begins_with_the_address_and_ends_with_the_quota(kind):
    fields = kind.model_json_schema()["properties"]

    shown = sorted(fields, key=lambda name: fields[name]["position"])

    assert (shown[0], shown[-2:]) == ("url", ["quota_calls", "quota_seconds"])


@each_type
def test_a_form_asks_for_where_as_whom_and_by_which_credential_and_no_more(kind):
    given = {*SETTINGS[kind][0]} - {"provisioning_token"}

    assert {*kind.model_json_schema()["required"]} == given


@each_type
def test_prefect_knows_every_field_that_is_a_secret(kind):
    schema = kind.model_json_schema()

    hidden = {n for n, field in schema["properties"].items() if field.get("format") == "password"}
    secret = {n for n, value in SETTINGS[kind][0].items() if value in SECRETS}

    assert {*schema["secret_fields"]} == hidden == secret


@each_type
def test_a_block_says_every_setting_so_that_no_environment_does(kind, tmp_path, monkeypatch):
    _, settings, prefix = SETTINGS[kind]
    monkeypatch.chdir(tmp_path)
    lines = [f"{prefix}{name}=from-dot-env\n" for name in settings.model_fields]
    (tmp_path / ".env").write_text("".join(lines))
    for name in settings.model_fields:
        monkeypatch.setenv(f"{prefix}{name}".upper(), "from-the-environment")

    made_of = made(kind).settings()

    assert made_of.model_fields_set == {*settings.model_fields}
    assert "from" not in made_of.model_dump_json()


@each_type
def test_a_block_that_says_the_least_says_what_the_settings_do(kind):
    given, settings, _ = SETTINGS[kind]

    assert made(kind).settings() == settings(_env_file=None, **given)


def test_a_block_says_what_was_filled_in():
    block = made(
        LemConnection,
        auth="basic",
        verify=False,
        timeout_seconds=5,
        concurrency=2,
        quota_calls=7,
        quota_seconds=70,
    )

    made_of = block.settings()

    assert (made_of.auth, made_of.verify) == ("basic", False)
    assert (made_of.timeout_seconds, made_of.concurrency) == (5, 2)
    assert str(made_of.quota) == "7 calls in 70 s"


def test_an_admin_key_has_the_quota_of_provision_api_unless_another_is_given():
    assert str(made(ProvisionApiConnection).settings().quota) == "10 calls in 60 s"
    assert made(ProvisionApiConnection, quota_calls=0).settings().quota is None


@pytest.mark.parametrize("blank", [None, ""])
def test_a_provisioning_token_may_be_left_out(blank):
    assert made(AcusightConnection, provisioning_token=blank).settings().provisioning_token is None


def test_a_secret_loses_the_line_end_that_a_paste_adds():
    block = made(AcusightConnection, token="jwt\n", provisioning_token="apt_1\n")

    made_of = block.settings()

    assert made_of.token == SecretStr("jwt")
    assert made_of.provisioning_token == SecretStr("apt_1")


def test_a_ca_is_the_path_of_a_file_or_its_text(tmp_path):
    text = pem()
    file = tmp_path / "ca.pem"
    file.write_text(text)

    by_path = made(LemConnection, ca=f"{file}\n").settings()
    by_text = made(LemConnection, ca=f"# ours\n{text}").settings()

    assert (by_path.ca_file, by_path.ca_pem) == (file, "")
    assert (by_text.ca_file, by_text.ca_pem) == (None, f"# ours\n{text}".strip())


def test_a_ca_as_text_is_trusted():
    async def opened():
        async with made(LemConnection, ca=pem()).connect() as lem:
            return lem.scope

    assert asyncio.run(opened()) == "LEM project p1"


@pytest.mark.parametrize("text", ["-----BEGIN CERTIFICATE-----\nAAAA\n", "-----BEGIN é"])
def test_a_ca_as_text_that_holds_no_certificate_is_reported(text):
    async def opened():
        async with made(LemConnection, ca=text).connect():
            pass

    with pytest.raises(Untrusted, match="CA given as text: it holds no certificate"):
        asyncio.run(opened())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"url": "lem.test"}, "url"),
        ({"url": "https://user:hidden@lem.test"}, "url"),
        ({"project": "a b"}, "project"),
        ({"token": " "}, "token"),
        ({"token": 12345678}, "token"),
        ({"auth": "bearer"}, "auth"),
        ({"timeout_seconds": 0}, "timeout_seconds"),
        ({"concurrency": 1000}, "concurrency"),
    ],
)
def test_a_field_that_cannot_be_used_is_refused_without_being_shown(changes, field):
    with pytest.raises(ValidationError) as refusal:
        made(LemConnection, **changes)

    assert [each["loc"] for each in refusal.value.errors()] == [(field,)]
    assert "hidden" not in str(refusal.value)
    assert "12345678" not in str(refusal.value)


@each_type
def test_no_secret_is_in_what_a_block_shows_of_itself(kind):
    block = made(kind)

    shown = f"{block} {block!r} {block.model_dump()} {block.settings()!r}"

    assert not [secret for secret in SECRETS if secret in shown]


def test_a_check_says_who_we_are_from_code_of_either_kind():
    with RunningSimulator() as simulator:
        block = LemConnection(url=simulator.url, project=DEFAULT_PROJECT, token=DEFAULT_TOKEN)

        async def awaited():
            return await block.check()

        found = [block.check(), asyncio.run(awaited())]

    assert [checkup.who for checkup in found] == [
        f"project {DEFAULT_PROJECT}, 0 active devices"
    ] * 2
    assert all(finding.is_good for checkup in found for finding in checkup.checks)
