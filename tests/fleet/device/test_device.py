import pytest
from pydantic import ValidationError

from fleet.device.device import Device
from fleet.device.identity import Identity


def test_a_device_keeps_its_identity_in_the_normal_spelling() -> None:
    device = Device(name=" edge-1 ", host_id="ABC", macs=("001A2B3C4D5E",))

    assert device.name == "edge-1"
    assert device.identity == Identity("abc", frozenset({"00:1a:2b:3c:4d:5e"}))


@pytest.mark.parametrize("name", ["", "-edge", "edge 1", "edge/1", "x" * 64, "édge"])
def test_a_name_that_some_system_would_refuse_is_refused_here(name: str) -> None:
    with pytest.raises(ValidationError, match="name"):
        Device(name=name)


@pytest.mark.parametrize("nothing", [{}, {"host_id": None, "macs": ()}, {"host_id": " "}])
def test_a_zero_touch_device_must_show_who_it_is(nothing: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="give its host id or a MAC"):
        Device(name="edge-1", zero_touch="lab", **nothing)


@pytest.mark.parametrize("shown", [{"host_id": "h1"}, {"macs": ("001A2B3C4D5E",)}])
def test_a_host_id_or_a_mac_is_enough_for_a_zero_touch_device(shown: dict[str, object]) -> None:
    assert Device(name="edge-1", zero_touch="lab", **shown).zero_touch == "lab"


def test_what_a_form_left_blank_was_not_given() -> None:
    device = Device(name="edge-1", host_id=" ", zero_touch="")

    assert device == Device(name="edge-1")


def test_a_form_shows_the_fields_in_order_and_all_but_the_name_may_stay_empty() -> None:
    schema = Device.model_json_schema()
    fields = schema["properties"].items()

    shown = [(name, has["position"], has["type"], has.get("default")) for name, has in fields]

    assert schema["required"] == ["name"]
    assert shown == [
        ("name", 0, "string", None),
        ("host_id", 1, "string", ""),
        ("macs", 2, "array", []),
        ("zero_touch", 3, "string", ""),
    ]


def test_a_device_does_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Device(name="edge-1").name = "edge-2"  # type: ignore[misc]
