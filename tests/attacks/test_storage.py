"""Who may fill in a form, or save a block, makes the worker read buckets, servers and files."""

import threading
import time

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from tasks.text.storage_block import credentials_in
from tasks.text.storage_url import StorageUrl
from tasks.text.text_kind import NoText
from tests.attacks.given import GOOD, SECRET, backtested, onboarded, refused

PLACE = "memory://plant-rosters/north"


@pytest.fixture
def bucket(monkeypatch):
    """A bucket of which one folder may be read, with what an attacker would read beside it."""
    monkeypatch.setenv("MUSTER_ROSTER_BUCKETS", PLACE)
    storage = fsspec.filesystem("memory")
    for path in ("plant-rosters/secret.csv", "plant-rosters/northern/x.csv", "other/x.csv"):
        storage.pipe(f"/{path}", f"device\n{SECRET}\n".encode())
    storage.pipe("/plant-rosters/north/plant-7.csv", GOOD.encode())
    yield storage
    storage.store.clear()
    storage.pseudo_dirs[:] = [""]


def test_a_roster_in_a_bucket_that_is_named_is_read(bucket):
    assert onboarded(f"{PLACE}/plant-7.csv") == ["edge-1"]


def test_no_bucket_is_read_unless_named(bucket, monkeypatch):
    monkeypatch.setenv("MUSTER_ROSTER_BUCKETS", "")

    assert "MUSTER_ROSTER_BUCKETS names none" in refused(onboarded, f"{PLACE}/plant-7.csv")


@pytest.mark.parametrize(
    "address",
    [
        "memory://plant-rosters/secret.csv",
        "memory://plant-rosters/northern/x.csv",
        "memory://plant-rosters/north/../secret.csv",
        "memory://plant-rosters/north/%2e%2e/secret.csv",
        "memory://plant-rosters/north//../secret.csv",
        "memory://plant-rosters/north/.. /secret.csv",
        "memory://other/x.csv",
        "memory:///plant-rosters/secret.csv",
        "memory://plant-rosters/north/*/../../secret.csv",
        "memory://plant-rosters/north/plant-7.csv::memory://other/x.csv",
        "simplecache::memory://plant-rosters/north/plant-7.csv",
        "simplecache::file:///etc/passwd",
        "filecache::memory://plant-rosters/north/plant-7.csv",
        "zip://x.csv::memory://plant-rosters/north/plant-7.csv",
        "dir://plant-rosters/north/plant-7.csv",
        "reference://plant-rosters/north/plant-7.csv",
        "github://plant-rosters/north/plant-7.csv",
        "s3://plant-rosters/north/plant-7.csv",
    ],
)
def test_nothing_beside_it_is_read(bucket, address):
    assert SECRET not in refused(onboarded, address)


@pytest.mark.parametrize(
    "address",
    [
        "file://{}",
        "FILE://{}",
        "local://{}",
        "local:{}",
        "file:{}",
        "simplecache::file://{}",
        "ftp://127.0.0.1{}",
        "hdfs://127.0.0.1{}",
        "smb://127.0.0.1{}",
        "data://{}",
    ],
)
@pytest.mark.usefixtures("bucket")
def test_no_file_of_the_worker_is_read(tmp_path, folder, address):
    (outside := tmp_path / "secret.csv").write_text(f"device\n{SECRET}\n")

    assert SECRET not in refused(onboarded, address.format(outside))


@pytest.mark.parametrize("way", ["http", "https", "HTTP"])
def test_a_web_server_is_none_of_the_buckets(service, monkeypatch, way):
    monkeypatch.setenv("MUSTER_ROSTER_BUCKETS", PLACE)
    service.answer("/roster.csv", GOOD)

    refused(onboarded, f"{way}://127.0.0.1:{service.port}/roster.csv")

    assert service.asked == []


@pytest.mark.parametrize("scheme", ["s3", "sftp", "az", "memory"])
@pytest.mark.usefixtures("bucket")
def test_an_address_holds_no_password_and_a_refusal_does_not_show_it(scheme):
    message = refused(onboarded, f"{scheme}://me:{SECRET}@plant-rosters/north/plant-7.csv")

    assert "environment" in message
    assert SECRET not in message


def test_what_is_no_roster_is_not_quoted(bucket):
    bucket.pipe("/plant-rosters/north/keys.csv", SECRET.encode())

    message = refused(onboarded, f"{PLACE}/keys.csv")

    assert "no roster" in message
    assert SECRET not in message


def test_the_same_holds_for_policies(bucket):
    bucket.pipe("/plant-rosters/north/policy.yaml", SECRET.encode())

    assert SECRET not in refused(backtested, f"{PLACE}/policy.yaml")


def test_a_file_that_is_too_large_is_refused(bucket):
    bucket.pipe("/plant-rosters/north/large.csv", GOOD.encode() + b"\n" * 8 * 2**20)

    assert "8,192 KiB" in refused(onboarded, f"{PLACE}/large.csv")


def test_a_file_that_is_not_there_is_said_to_be_missing(bucket):
    assert "There is no file" in refused(onboarded, f"{PLACE}/plant-8.csv")


class Endless(MemoryFileSystem):
    """A storage that gives a byte now and then, or fails with a secret in its message."""

    ended = threading.Event()

    def _open(self, path, *_, **__):
        if "fails" in path:
            raise ValueError(SECRET)
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def read(self, _):
        return b"" if self.ended.wait(0.001) else b"d"


@pytest.fixture
def endless(monkeypatch):
    monkeypatch.setenv("MUSTER_ROSTER_BUCKETS", PLACE)
    fsspec.register_implementation("memory", Endless, clobber=True)
    yield
    fsspec.register_implementation("memory", MemoryFileSystem, clobber=True)
    Endless.ended.set()


@pytest.mark.usefixtures("endless")
def test_a_storage_that_goes_on_for_ever_is_left_in_time():
    began = time.monotonic()

    message = refused(onboarded, f"{PLACE}/drips.csv", 0.1)

    assert "within 0.1 s" in message
    assert time.monotonic() - began < 5


@pytest.mark.usefixtures("endless")
def test_of_a_driver_s_error_only_its_kind_is_said():
    message = refused(onboarded, f"{PLACE}/fails.csv")

    assert "ValueError" in message
    assert SECRET not in message


@pytest.mark.parametrize(
    ("place", "settings"),
    [
        ("s3://plant-rosters", {"client_kwargs": {"endpoint_url": "http://169.254.169.254"}}),
        ("s3://plant-rosters", {"endpoint_url": "http://169.254.169.254"}),
        ("s3://plant-rosters", {"key": {"a": "b"}}),
        ("az://plant-rosters", {"connection_string": "BlobEndpoint=http://169.254.169.254"}),
        ("az://plant-rosters", {"account_name": "attack.example/"}),
        ("gs://plant-rosters", {"token": "/etc/passwd"}),
        ("gs://plant-rosters", {"token": {"type": "external_account"}}),
        ("sftp://files.example.com", {"key_filename": "/etc/passwd"}),
        ("sftp://files.example.com", {"host": "attack.example"}),
        ("memory://plant-rosters", {"key": "a"}),
    ],
)
def test_a_block_sends_the_worker_nowhere_and_names_no_file(place, settings):
    with pytest.raises(NoText, match=next(iter(settings))):
        credentials_in("mine", StorageUrl.parse(place), settings)


@pytest.mark.parametrize(
    ("place", "settings"),
    [
        ("s3://plant-rosters", {"key": "AKIA", "secret": SECRET, "token": "a/b=="}),
        ("az://plant-rosters", {"account_name": "plant7", "account_key": SECRET}),
        ("sftp://files.example.com", {"username": "muster", "password": SECRET}),
        ("gs://plant-rosters", {}),
    ],
)
def test_a_block_may_hold_credentials(place, settings):
    assert credentials_in("mine", StorageUrl.parse(place), settings) == settings
