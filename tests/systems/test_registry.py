import pytest

from fleet.system.system import Integrating, Issuing, Rotating, System
from systems.registry import SYSTEMS, connection_names, names_of


@pytest.mark.parametrize(
    ("ability", "names"),
    [(Issuing, "Acusight"), (Rotating, "provision_api"), (Integrating, "provision_api")],
)
def test_who_can_do_what_only_some_can_is_read_off_their_adapters(ability, names):
    assert names_of(ability) == names


def test_the_names_of_the_connections_are_those_that_people_have_in_their_rosters():
    assert connection_names() == "lem, acusight, provision-api"


@pytest.mark.parametrize("entry", SYSTEMS, ids=lambda entry: entry.name)
def test_an_entry_says_of_itself_what_its_parts_say(entry, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)  # no .env

    assert entry.block_type().system == entry.name
    assert all(hasattr(entry.adapter, name) for name in dir(System) if not name.startswith("_"))
    assert str(entry.settings().url).startswith("http://127.0.0.1:8020/")
    assert entry.settings.variable("url") == f"{entry.prefix}URL"
