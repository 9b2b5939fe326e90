"""Handing secrets over: one locked file, a record of it, and no trace of them elsewhere."""

import asyncio
import hashlib
import json
import logging
import re
from pathlib import Path

import pyrage
import pytest
import yaml
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from prefect.artifacts import Artifact
from prefect.blocks.system import Secret as SecretBlock
from prefect.settings import PREFECT_SERVER_DATABASE_CONNECTION_URL
from sqlalchemy import text
from sqlmodel import Session, select

from fleet.device.secret import SecretKind
from flows.hand_over_secrets import hand_over_secrets
from ledger.database.engine import connect
from ledger.database.tables import HandoverRow
from ledger.device.secrets import Secrets
from ledger.state.claims import Claim
from tasks.device.handover_lock import BLOCK
from tests.fleet.builders import EXPIRY, NOW
from tests.fleet.held import a_secret

SITE = "plant-7"
ACUSIGHT = Claim(SITE, "Acusight organization a")
PROVISION_API = Claim(SITE, "provision_api tenant b")
IDENTITY = pyrage.x25519.Identity.generate()
RECIPIENT = str(IDENTITY.to_public())
CANARY = "canary-7d1e"
PASSPHRASE = f"{CANARY} battery staple"
NEVER = EXPIRY.replace(year=2999)
REFUSE = "CREATE TRIGGER refuse BEFORE INSERT ON secret_handover"
REFUSED = {  # how each database is made to
    "sqlite": [f"{REFUSE} BEGIN SELECT RAISE(ABORT, 'full'); END"],
    "postgresql": [
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE disk_full; END'",
        f"{REFUSE} EXECUTE FUNCTION refuse()",
    ],
}


@pytest.fixture
def ledger(prefect_server, database_url, tmp_path, monkeypatch):
    """An empty ledger that the environment names; whatever is written goes beside it."""
    for name, value in {
        "MUSTER_LEDGER_URL": database_url,
        "MUSTER_LEDGER_KEY_FILE": str(tmp_path / "ledger.key"),
        "MUSTER_HANDOVER_FOLDER": str(tmp_path / "handover"),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MUSTER_HANDOVER_PASSPHRASE", raising=False)
    engine = connect(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def site(ledger):
    """Three secrets of two devices, and one that is for our own use."""
    record(
        ledger,
        ACUSIGHT,
        a_secret(SecretKind.PROVISIONING_TOKEN, f"{CANARY}-own", device=None, enrollment_id="t1"),
        a_secret(SecretKind.API_KEY, f"{CANARY}-api", endpoint="https://acusight.example"),
        a_secret(SecretKind.EDGE_KEY, f"{CANARY}-edge"),
    )
    code = a_secret(SecretKind.ACTIVATION_CODE, f"-{CANARY}", device="edge-2", expires_at=NEVER)
    record(ledger, PROVISION_API, code)
    return ledger


def record(ledger, claim, *secrets):
    Secrets(ledger).keep(claim, secrets, NOW)


def ended(*args, recipient=RECIPIENT, **kwargs):
    """The state in which a hand-over ends."""
    asked = hand_over_secrets(*(args or (SITE, "Anna")), recipient, **kwargs, return_state=True)
    return asyncio.run(asked)


def files(folder):
    return sorted((folder / "handover").glob("*")) if (folder / "handover").exists() else []


def opened(file, identity=IDENTITY):
    return yaml.safe_load(pyrage.decrypt(file.read_bytes(), [identity]))


def values(content):
    """Every secret of a file, by its device and kind."""
    return {
        (device["device"], secret["kind"]): secret["value"]
        for device in content["devices"]
        for secret in device["secrets"]
    }


def recorded(ledger):
    with Session(ledger) as session:
        return list(session.exec(select(HandoverRow).order_by(HandoverRow.id)))


def table(key=f"handover-{SITE}"):
    return json.loads(asyncio.run(Artifact.aget(key)).data)


ALL = {
    ("edge-1", "API key"): f"{CANARY}-api",
    ("edge-1", "edge key"): f"{CANARY}-edge",
    ("edge-2", "activation code"): f"-{CANARY}",
}


def test_a_site_s_secrets_are_in_one_file_that_only_the_recipient_opens(site, tmp_path):
    state = ended(SITE, " Anna ")

    (file,) = files(tmp_path)
    assert state.name == "Completed"
    assert state.message == (
        f"plant-7: 3 secrets of 2 devices handed over. Anna has them in {file}, locked to "
        f"{RECIPIENT}; age --decrypt opens it."
    )
    assert re.fullmatch(r"plant-7-\d{8}T\d{6}\.\d{3}Z\.yaml\.age", file.name)
    assert file.stat().st_mode & 0o777 == 0o600
    assert values(opened(file)) == ALL
    with pytest.raises(pyrage.DecryptError):
        opened(file, pyrage.x25519.Identity.generate())


def test_who_took_what_is_recorded(site, tmp_path):
    ended()

    (file,) = files(tmp_path)
    (row,) = recorded(site)
    assert (row.site, row.taken_by, row.recipient, row.count) == (SITE, "Anna", RECIPIENT, 3)
    assert row.file_name == file.name
    assert row.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()


def test_the_table_says_what_was_handed_over(site):
    ended()

    assert [(r["device"], r["system"], r["what"], r["handed over"]) for r in table()] == [
        ("edge-1", ACUSIGHT.scope, "API key", "yes"),
        ("edge-1", ACUSIGHT.scope, "edge key", "yes"),
        ("edge-2", PROVISION_API.scope, "activation code", "yes"),
    ]


def test_what_was_taken_is_not_handed_over_again_and_its_taker_is_named(site, tmp_path):
    ended()

    state = ended(SITE, "Bob")

    assert (state.name, len(files(tmp_path)), len(recorded(site))) == ("Completed", 1, 1)
    assert state.message == (
        "plant-7: nothing new to hand over. 3 secrets taken before: to hand over again, set "
        "*Include what was taken before*."
    )
    assert {row["handed over"] for row in table()} == {"no"}
    assert all(row["taken before"].startswith("Anna, 20") for row in table())


def test_only_what_is_new_is_handed_over_unless_all_is_asked_for(site, tmp_path, monkeypatch):
    folders = [tmp_path / name for name in ("first", "second", "third")]
    for folder, taken_by in zip(folders, ("Anna", "Bob", "Cleo"), strict=True):
        monkeypatch.setenv("MUSTER_HANDOVER_FOLDER", str(folder / "handover"))
        ended(SITE, taken_by, include_taken=taken_by == "Cleo")
        record(site, ACUSIGHT, a_secret(SecretKind.API_KEY, f"{CANARY}-{taken_by}"))

    found = [values(opened(*files(folder))) for folder in folders]

    key = ("edge-1", "API key")
    assert found == [ALL, {key: f"{CANARY}-Anna"}, ALL | {key: f"{CANARY}-Bob"}]


def test_a_dry_run_lists_what_would_be_handed_over_and_writes_nothing(site, tmp_path):
    state = ended(dry_run=True, recipient="")

    assert (state.name, state.type.value) == ("Dry run", "COMPLETED")
    assert state.message == (
        "Dry run, nothing was handed over: plant-7: 3 secrets of 2 devices to be handed over."
    )
    assert [row["handed over"] for row in table()] == ["would be"] * 3
    assert (files(tmp_path), recorded(site)) == ([], [])


def test_a_site_without_any_secret_is_reported_and_gets_no_file(ledger, tmp_path):
    own = a_secret(SecretKind.PROVISIONING_TOKEN, device=None)
    record(ledger, Claim("plant-8", ACUSIGHT.scope), own)

    state = ended("plant-8", "Anna", recipient="")

    assert (state.name, files(tmp_path)) == ("Completed", [])
    assert state.message == (
        "plant-8: nothing to hand over. The ledger holds no secret that is still valid."
    )


def test_an_unknown_site_is_refused(site, tmp_path):
    state = ended("plant-9", "Anna")

    assert state.is_failed()
    assert state.message == (
        "The ledger knows no site 'plant-9'. Check its name, or onboard it first."
    )
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("hunter2 battery staple", "is no public key. Give an age public key (age1…"),
        (RECIPIENT[:-1], "is a public key that cannot be used. Give an age"),
        ("ssh-ed25519 AAAA", "is a public key that cannot be used. Give an age"),
        (str(IDENTITY), "is no public key"),
    ],
    ids=["a passphrase", "a key cut off", "an SSH key cut off", "a secret key"],
)
@pytest.mark.parametrize("dry_run", [True, False])
def test_what_is_no_public_key_is_refused_and_not_repeated(site, tmp_path, given, message, dry_run):
    state = ended(recipient=given, dry_run=dry_run)

    assert state.is_failed()
    assert state.message.startswith(f"The recipient {message}")
    assert given not in state.message
    assert (files(tmp_path), recorded(site)) == ([], [])


@pytest.mark.parametrize(
    "key",
    [ed25519.Ed25519PrivateKey.generate(), rsa.generate_private_key(65537, 2048)],
    ids=["ssh-ed25519", "ssh-rsa"],
)
def test_an_ssh_key_will_do(site, tmp_path, key):
    form = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    public = key.public_key().public_bytes(*form).decode()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )

    state = ended(recipient=f"{public} anna@laptop\n")

    assert state.name == "Completed"
    assert values(opened(*files(tmp_path), pyrage.ssh.Identity.from_buffer(private))) == ALL


def test_without_a_recipient_the_worker_s_passphrase_locks_the_file(site, tmp_path, monkeypatch):
    monkeypatch.setenv("MUSTER_HANDOVER_PASSPHRASE", PASSPHRASE)

    state = ended(recipient=" ")

    (file,) = files(tmp_path)
    content = pyrage.passphrase.decrypt(file.read_bytes(), PASSPHRASE)
    assert state.message.endswith(f"in {file}, locked with the passphrase; age --decrypt opens it.")
    assert values(yaml.safe_load(content)) == ALL
    assert [row.recipient for row in recorded(site)] == ["passphrase"]


def test_prefect_s_block_gives_the_passphrase_when_the_worker_has_none(site, tmp_path):
    digits = "123456789012"
    asyncio.run(SecretBlock(value=digits).asave(BLOCK, overwrite=True))

    ended(recipient="")
    asyncio.run(SecretBlock.adelete(BLOCK))

    content = pyrage.passphrase.decrypt(files(tmp_path)[0].read_bytes(), digits)
    assert values(yaml.safe_load(content)) == ALL


def test_a_block_with_a_short_passphrase_is_refused(site, tmp_path):
    asyncio.run(SecretBlock(value="hunter2").asave(BLOCK, overwrite=True))

    state = ended(recipient="")
    asyncio.run(SecretBlock.adelete(BLOCK))

    assert state.is_failed()
    assert state.message == (
        "The Secret block handover-passphrase must hold a text of 12 characters or more."
    )
    assert files(tmp_path) == []


def test_a_missing_passphrase_is_reported_with_its_remedy(site, tmp_path):
    state = ended(recipient="")

    assert state.is_failed()
    assert state.message.startswith("There is no passphrase to lock the file with. Set MUSTER_")
    assert "save a Secret block named handover-passphrase in Prefect" in state.message
    assert (files(tmp_path), recorded(site)) == ([], [])


def test_a_short_passphrase_is_refused_and_not_repeated(site, tmp_path, monkeypatch):
    monkeypatch.setenv("MUSTER_HANDOVER_PASSPHRASE", "hunter2")

    state = ended(recipient="")

    assert state.is_failed()
    assert state.message == ("MUSTER_HANDOVER_PASSPHRASE: It should have 12 characters or more")
    assert files(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_reported_and_nothing_is_recorded(site, tmp_path):
    (tmp_path / "handover").touch()

    state = ended()

    assert state.is_failed()
    assert f"The file {tmp_path}/handover/plant-7-" in state.message
    assert state.message.endswith("or name another folder in MUSTER_HANDOVER_FOLDER.")
    assert recorded(site) == []


def test_a_hand_over_that_cannot_be_recorded_leaves_no_file(site, tmp_path):
    with site.begin() as connection:
        for statement in REFUSED[connection.dialect.name]:
            connection.execute(text(statement))

    state = ended()

    assert state.is_failed()
    assert (files(tmp_path), recorded(site)) == ([], [])


def test_a_ledger_of_another_key_is_reported_with_its_remedy(site, tmp_path, monkeypatch):
    monkeypatch.setenv("MUSTER_LEDGER_KEY", Fernet.generate_key().decode())

    state = ended()

    assert state.is_failed()
    assert "was written with another key" in state.message
    assert "what its var/ledger.key holds" in state.message
    assert files(tmp_path) == []


def test_a_ledger_that_was_never_prepared_is_reported(ledger, tmp_path, monkeypatch):
    monkeypatch.setenv("MUSTER_LEDGER_URL", f"sqlite:///{tmp_path}/new.db")

    assert ended().message.endswith("Run: muster ledger prepare")


@pytest.mark.sqlite
def test_no_secret_is_in_any_file_or_in_prefect_s_database(site, tmp_path, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("MUSTER_HANDOVER_PASSPHRASE", PASSPHRASE)

    for taken_by, recipient in (("Canary Anna", RECIPIENT), ("Canary Bob", "")):
        state = ended(SITE, taken_by, recipient=recipient, include_taken=True)
        assert state.name == "Completed"
        assert CANARY not in f"{state!r} {state.message} {state.data!r}"

    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    stored = everything_of_prefect()
    assert CANARY.encode() not in written
    assert b"Canary Anna" in written
    assert CANARY.encode() not in stored
    assert b"Canary Anna" in stored
    assert "Canary Anna" in caplog.text
    assert CANARY not in caplog.text


def everything_of_prefect():
    """All bytes of the server's database."""
    file = Path(str(PREFECT_SERVER_DATABASE_CONNECTION_URL.value()).partition("///")[2])
    return b"".join(each.read_bytes() for each in file.parent.glob(f"{file.name}*"))
