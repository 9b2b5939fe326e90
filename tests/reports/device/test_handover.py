"""The file that is handed over, and a table without the secrets."""

import json
from datetime import timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fleet.device.handover import Taking
from fleet.device.secret import SecretKind
from reports.device.handover import SHARED, to_rows, to_yaml
from tests.fleet.builders import NOW
from tests.fleet.held import a_held

HOUR = timedelta(hours=1)
CODE = a_held(
    SecretKind.ACTIVATION_CODE,
    id=1,
    scope="provision_api tenant a",
    value="-1234=",
    endpoint="https://api.example/activate",
    expires_at=NOW + HOUR,
)
KEY = a_held(SecretKind.API_KEY, id=2, device="edge-2", value="s3cret", enrollment_id="t1")
ISSUED = a_held(SecretKind.ISSUED_TOKEN, id=3, device=None, value="shared", enrollment_id="t2")


def test_the_file_says_of_every_device_what_it_gets_and_where_that_is_used():
    text = to_yaml("plant-7", [KEY, CODE, ISSUED], NOW)

    assert yaml.safe_load(text) == {
        "site": "plant-7",
        "made_at": "2026-03-02T09:00:00Z",
        "devices": [
            {
                "device": "edge-1",
                "secrets": [
                    {
                        "system": "provision_api tenant a",
                        "kind": "activation code",
                        "value": "-1234=",
                        "use_at": "https://api.example/activate",
                        "expires": "2026-03-02T10:00:00Z",
                    }
                ],
            },
            {
                "device": "edge-2",
                "secrets": [
                    {"system": "Acusight organization a", "kind": "API key", "value": "s3cret"}
                ],
            },
        ],
        "shared": [
            {
                "system": "Acusight organization a",
                "kind": "issued provisioning token",
                "id": "t2",
                "value": "shared",
            }
        ],
    }


def test_the_file_begins_with_what_to_do_with_it():
    first, second, third = to_yaml("plant-7", [KEY], NOW).splitlines()[:3]

    assert first.startswith("# Device secrets of a site.")
    assert second.startswith("# Delete this file")
    assert third == "site: plant-7"


@pytest.mark.parametrize("value", ["-1", "=1+1", "0x1f", "1e9", "no", "null", "a: b", "# a", "é\n"])
def test_a_value_that_could_be_taken_for_something_else_is_read_as_the_text_it_is(value):
    read = yaml.safe_load(to_yaml(value, [a_held(value=value, endpoint=value)], NOW))

    (secret,) = read["devices"][0]["secrets"]
    assert (read["site"], secret["value"], secret["use_at"]) == (value, value, value)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_every_value_comes_out_of_the_file_as_it_went_in(values):
    handed = [a_held(value=value, device=f"edge-{n:04}") for n, value in enumerate(values)]

    read = yaml.safe_load(to_yaml("plant-7", handed, NOW).encode())

    assert [each["secrets"][0]["value"] for each in read["devices"]] == values


def test_the_table_says_what_each_device_gets_and_who_has_it_already():
    taken = a_held(
        id=4, takings=(Taking("Anna", NOW + HOUR), Taking("Bob", NOW + 2 * HOUR)), expires_at=None
    )

    rows = to_rows([taken, KEY, CODE, ISSUED], [CODE, ISSUED], "yes")

    assert [row["handed over"] for row in rows] == ["yes", "yes", "no", "no"]
    assert rows[1] == {
        "device": "edge-1",
        "system": "provision_api tenant a",
        "what": "activation code",
        "received": "2026-03-02 09:00:00Z",
        "expires": "2026-03-02 10:00:00Z",
        "taken before": "",
        "handed over": "yes",
    }
    assert rows[0]["device"] == SHARED
    assert rows[0]["what"] == "issued provisioning token t2"
    assert rows[2]["taken before"] == "Anna, 2026-03-02 10:00:00Z; Bob, 2026-03-02 11:00:00Z"


def test_the_table_has_no_secret():
    held = [CODE, KEY, ISSUED]

    table = json.dumps(to_rows(held, held, "would be"))

    assert "would be" in table
    assert not [h for h in held if h.secret.value.get_secret_value() in table]


def test_of_nothing_the_table_is_empty_and_the_file_names_no_device():
    assert to_rows([], [], "yes") == []
    assert yaml.safe_load(to_yaml("plant-7", [], NOW))["devices"] == []
