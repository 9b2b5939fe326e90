"""Where paths and URLs may lead, as settings say it."""

import os
from pathlib import Path

import httpx
import pytest

from fleet.text.settings import UnusableSettings
from tasks.text.sources import SourceSettings


def test_without_settings_there_is_one_folder_and_no_host():
    settings = SourceSettings(_env_file=None)

    assert settings.rosters == (Path("rosters"),)
    assert not settings.allows(httpx.URL("https://files.example.com/"))
    assert not settings.reaches("127.0.0.1")


def test_an_empty_variable_stands_for_the_default(monkeypatch):
    for name in ("ROSTERS", "ROSTER_HOSTS", "ROSTER_NETWORKS"):
        monkeypatch.setenv(f"MUSTER_{name}", "")

    assert SourceSettings().model_dump() == SourceSettings(_env_file=None).model_dump()
    assert SourceSettings().rosters == (Path("rosters"),)


def test_folders_are_separated_as_paths_are(monkeypatch):
    monkeypatch.setenv("MUSTER_ROSTERS", f"/srv/rosters{os.pathsep}rosters{os.pathsep}")

    assert SourceSettings().rosters == (Path("/srv/rosters"), Path("rosters"))


@pytest.mark.parametrize(
    ("url", "is_allowed"),
    [
        ("https://files.example.com/r.csv", True),
        ("http://FILES.example.com./r.csv", True),
        ("https://files.example.com:443/", True),
        ("https://files.example.com:8443/", False),
        ("https://nas.example.com:8443/", True),
        ("https://nas.example.com/", False),
        ("https://files.example.com.evil.example/", False),
        ("https://evil.example/files.example.com", False),
        ("https://käse.example/", True),
        ("http://[fd00::1]:8080/", True),
        ("http://[fd00::1]/", False),
    ],
)
def test_a_host_is_allowed_at_the_usual_ports_or_at_its_own(monkeypatch, url, is_allowed):
    hosts = "files.example.com:443, nas.example.com:8443 Käse.example,[fd00::1]:8080"
    monkeypatch.setenv("MUSTER_ROSTER_HOSTS", hosts)

    assert SourceSettings().allows(httpx.URL(url)) is is_allowed


def test_networks_that_are_not_public_are_named(monkeypatch):
    monkeypatch.setenv("MUSTER_ROSTER_NETWORKS", "10.20.0.0/16, 127.0.0.1 fd00::/64")
    settings = SourceSettings()

    assert all(map(settings.reaches, ("10.20.3.4", "127.0.0.1", "fd00::1", "::ffff:10.20.3.4")))
    assert not any(map(settings.reaches, ("10.21.0.1", "127.0.0.2", "fd00:0:0:1::1")))
    assert all(map(settings.reaches, ("93.184.215.14", "2606:2800:21f::1")))


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("MUSTER_ROSTER_HOSTS", "https://files.example.com", "such as files.example.com"),
        ("MUSTER_ROSTER_HOSTS", "files.example.com/rosters", "such as files.example.com"),
        ("MUSTER_ROSTER_HOSTS", "me@files.example.com", "such as files.example.com"),
        ("MUSTER_ROSTER_HOSTS", "files:port", "such as files.example.com"),
        ("MUSTER_ROSTER_NETWORKS", "10.20.3.4/16", "such as 10.20.0.0/16"),
        ("MUSTER_ROSTER_NETWORKS", "all", "such as 10.20.0.0/16"),
    ],
)
def test_what_is_no_host_or_network_is_reported_with_an_example(monkeypatch, name, value, wanted):
    monkeypatch.setenv(name, value)

    with pytest.raises(UnusableSettings, match=wanted) as error:
        SourceSettings()

    assert str(error.value).startswith(f"{name}: ")


@pytest.mark.parametrize(
    ("url", "is_allowed"),
    [
        ("https://doc-0s-8s-sheets.googleusercontent.com/export", True),
        ("https://a.b.googleusercontent.com/export", True),
        ("https://googleusercontent.com/export", False),
        ("https://notgoogleusercontent.com/export", False),
        ("https://googleusercontent.com.attack.example/export", False),
        ("https://a.googleusercontent.com:8443/export", False),
    ],
)
def test_a_domain_means_every_host_below_it_at_the_usual_ports(monkeypatch, url, is_allowed):
    monkeypatch.setenv("MUSTER_ROSTER_HOSTS", "*.googleusercontent.com")

    assert SourceSettings().allows(httpx.URL(url)) is is_allowed


@pytest.mark.parametrize("host", ["*.com", "*", "*.", "a.*.com", "*.*.com"])
def test_a_domain_that_is_too_wide_is_refused(monkeypatch, host):
    monkeypatch.setenv("MUSTER_ROSTER_HOSTS", host)

    with pytest.raises(UnusableSettings, match="MUSTER_ROSTER_HOSTS"):
        SourceSettings()


@pytest.mark.parametrize(
    "place",
    ["plant-rosters", "file:///srv", "https://files.example.com", "s3://me:secret@a", "s3://a/.."],
)
def test_a_place_that_is_no_storage_is_refused(monkeypatch, place):
    monkeypatch.setenv("MUSTER_ROSTER_BUCKETS", f"s3://fine, {place}")

    with pytest.raises(UnusableSettings, match="MUSTER_ROSTER_BUCKETS") as refused:
        SourceSettings()

    assert "secret" not in str(refused.value)
