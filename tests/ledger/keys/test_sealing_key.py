"""Where the key that seals comes from, and every key that is refused."""

import base64
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from fleet.text.settings import UnusableSettings
from ledger.database.engine import LedgerUnusable
from ledger.database.settings import LedgerSettings
from ledger.keys.sealing_key import sealing_keys

# Two keys that are always the same, for tests are named after them.
ONE, TWO = (base64.urlsafe_b64encode(bytes(range(n, n + 32))).decode() for n in (7, 200))


def keys(**settings):
    return sealing_keys(LedgerSettings(_env_file=None, **settings))


def refusal(**settings):
    with pytest.raises(LedgerUnusable) as refused:
        keys(**settings)
    return str(refused.value)


@pytest.fixture(autouse=True)
def no_key_is_given(monkeypatch):
    monkeypatch.delenv("MUSTER_LEDGER_KEY")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "var/ledger.key"


def test_a_key_file_is_made_on_first_use_and_stored(file):
    first, again = keys(key_file=file), keys(key_file=file)

    assert first == again == [file.read_text().strip()]
    assert file.stat().st_mode & 0o777 == 0o600
    assert [*file.parent.iterdir()] == [file]


def test_the_environment_names_the_key_and_no_file_is_made(file, monkeypatch):
    monkeypatch.setenv("MUSTER_LEDGER_KEY", ONE)
    monkeypatch.setenv("MUSTER_LEDGER_KEY_FILE", str(file))

    assert sealing_keys(LedgerSettings(_env_file=None)) == [ONE]
    assert not file.exists()


@pytest.mark.parametrize("between", [",", " ", ", ", "\n", " ,\t"])
def test_several_keys_are_all_given_in_their_order(between):
    assert keys(key=f" {ONE}{between}{TWO},") == [ONE, TWO]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("hunter2", "its entry 1 of 1 is no key"),
        (f"{ONE},{TWO[:-2]}", "its entry 2 of 2 is no key"),
        (f"{ONE[:-1]}", "its entry 1 of 1 is no key"),
        (f"{ONE[:20]}!{ONE[20:]}", "its entry 1 of 1 is no key"),
        (f"{ONE[:20]}é{ONE[20:]}", "its entry 1 of 1 is no key"),
        (f"{ONE}{TWO}", "its entry 1 of 1 is no key"),
        (" , ", "it has no key"),
    ],
)
def test_a_key_that_is_none_is_refused_without_being_shown(given, text):
    message = refusal(key=given)

    assert message.startswith(f"MUSTER_LEDGER_KEY cannot be used: {text}. Make one with: ")
    assert not [part for part in ("hunter2", ONE[:8], TWO[:8]) if part in message]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_key_file_that_others_may_use_is_refused(file, mode):
    (key,) = keys(key_file=file)
    file.chmod(mode)

    message = refusal(key_file=file)

    assert message.endswith(f"(mode {mode:o}). Run: chmod 600 {file}")
    assert key not in message


@pytest.mark.parametrize("content", [b"", b"hunter2\n", b"\xff\xfe" * 30, ONE.encode() * 2])
def test_a_key_file_without_a_key_is_refused_and_left_alone(file, content):
    file.parent.mkdir()
    file.write_bytes(content)
    file.chmod(0o600)

    message = refusal(key_file=file)

    assert message.startswith(f"The key file {file} holds no key. Restore it")
    assert "hunter2" not in message
    assert file.read_bytes() == content


def test_a_folder_is_no_key_file(file):
    file.mkdir(parents=True)

    assert refusal(key_file=file).startswith(f"The key file {file} cannot be used: Is a directory.")


def test_a_key_file_that_cannot_be_made_is_reported(tmp_path):
    (tmp_path / "var").touch()
    file = tmp_path / "var/ledger.key"

    assert refusal(key_file=file).startswith(f"The key file {file} cannot be used: ")


def test_neither_settings_nor_their_errors_show_a_key():
    settings = LedgerSettings(_env_file=None, key=ONE)
    with pytest.raises(UnusableSettings, match="MUSTER_LEDGER_LEASE") as refused:
        LedgerSettings(_env_file=None, key=ONE, lease=f"{TWO}")

    assert ONE not in f"{settings!r} {settings} {refused.value}"
    assert TWO not in str(refused.value)


def test_threads_that_begin_at_once_end_with_one_key(file):
    together = Barrier(8)

    def load(_):
        together.wait()
        return keys(key_file=file)[0]

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(load, range(8)))

    assert len(found) == 1


@pytest.mark.process
def test_two_processes_that_begin_at_once_end_with_one_key(tmp_path):
    program = (
        "from ledger.keys.sealing_key import sealing_keys; "
        "from ledger.database.settings import LedgerSettings; "
        "print(sealing_keys(LedgerSettings())[0])"
    )
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}

    begun = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    text = {process.communicate()[0].strip() for process in begun}

    assert text == {(tmp_path / "var/ledger.key").read_text().strip()}
