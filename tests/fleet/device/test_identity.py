import pytest

from fleet.device.identity import Identity, normal_host_id, normal_mac

MAC = "00:1a:2b:3c:4d:5e"


@pytest.mark.parametrize(
    "spelling",
    [MAC, "00-1A-2B-3C-4D-5E", "001a.2b3c.4d5e", "001A2B3C4D5E", "  00:1a:2B:3c:4D:5e\t"],
)
def test_every_usual_spelling_of_a_mac_is_the_same_mac(spelling: str) -> None:
    assert normal_mac(spelling) == MAC


@pytest.mark.parametrize(
    "text", ["", "-", "00:1a:2b:3c:4d", "00:1a:2b:3c:4d:5e:6f", "00:1g:2b:3c:4d:5e", "1.2E+11"]
)
def test_what_is_no_mac_is_refused_by_its_own_words(text: str) -> None:
    with pytest.raises(ValueError, match="is not a MAC address") as refusal:
        normal_mac(text)

    assert str(refusal.value) == f"{text!r} is not a MAC address"


def test_a_host_id_is_compared_without_case_or_surrounding_space() -> None:
    assert normal_host_id(" 00AB12cd34EF ") == "00ab12cd34ef"


@pytest.mark.parametrize("text", ["", "no spaces", "1.2E+11", "-leading", "x" * 65])
def test_what_cannot_be_a_host_id_is_refused_by_its_own_words(text: str) -> None:
    with pytest.raises(ValueError, match="is not a host id") as refusal:
        normal_host_id(text)

    assert str(refusal.value) == f"{text!r} is not a host id"


@pytest.mark.parametrize("text", ["\u212a1234", "ｈ1", "h１"], ids=["Kelvin", "wide", "digit"])
def test_a_host_id_is_ascii(text: str) -> None:
    with pytest.raises(ValueError, match="is not a host id"):
        normal_host_id(text)


@pytest.mark.parametrize("text", ["000000000000", "FFFFFFFFFFFF", "ffff", "Unknown", "NULL"])
def test_a_host_id_that_many_machines_show_proves_nothing(text: str) -> None:
    with pytest.raises(ValueError, match="proves nothing: many machines show it"):
        normal_host_id(text)


@pytest.mark.parametrize("text", ["00:00:00:00:00:00", "AA-BB-CC-DD-EE-FF", "0050.56c0.0008"])
def test_a_mac_that_many_machines_show_proves_nothing(text: str) -> None:
    with pytest.raises(ValueError, match="proves nothing: it is"):
        normal_mac(text)


@pytest.mark.parametrize("text", ["ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:fb", "33:33:00:00:00:01"])
def test_no_device_has_the_address_of_a_group(text: str) -> None:
    with pytest.raises(ValueError, match="is a broadcast or multicast address"):
        normal_mac(text)


@pytest.mark.parametrize(
    ("expected", "observed", "both"),
    [
        (Identity("h1", frozenset({"m1"})), Identity("h1", frozenset({"m1"})), ""),
        (Identity("h1", frozenset({"m1"})), Identity(macs=frozenset({"m1"})), ""),
        (Identity("h1", frozenset({"m1"})), Identity("h1"), ""),
        (Identity("h1"), Identity("h1", frozenset({"m9"})), ""),
        (Identity(macs=frozenset({"m1", "m2"})), Identity("h9", frozenset({"m2", "m3"})), ""),
        (
            Identity("h1", frozenset({"m1"})),
            Identity("h2", frozenset({"m1"})),
            "its host id is h2, and the roster says h1",
        ),
        (
            Identity("h1", frozenset({"m2", "m1"})),
            Identity("h1", frozenset({"m4", "m3"})),
            "its MACs are m3, m4, and the roster says m1, m2",
        ),
    ],
    ids=["same", "no host id", "no MACs", "more", "one MAC of two", "other host id", "other MACs"],
)
def test_what_is_stated_is_confirmed_or_absent_or_contradicted(
    expected: Identity, observed: Identity, both: str
) -> None:
    assert expected.contradiction(observed) == both


def test_the_evidence_names_everything_that_two_machines_share() -> None:
    roster = Identity("h1", frozenset({"m3", "m2"}))
    shown = Identity("h1", frozenset({"m2", "m3", "m4"}))

    assert roster.shares_with(shown) == ["host id h1", "MAC m2", "MAC m3"]


def test_two_machines_without_host_id_do_not_share_one() -> None:
    assert Identity().shares_with(Identity()) == []


def test_an_identity_is_true_when_it_holds_anything() -> None:
    assert not Identity()
    assert Identity("h1")
    assert Identity(macs=frozenset({"m1"}))


def test_an_identity_says_itself_in_words() -> None:
    assert str(Identity("h1", frozenset({"m1"}))) == "MAC m1, host id h1"
    assert str(Identity()) == "no identity"


@pytest.mark.parametrize("word", ["default", "localhost", "none", "null", "undefined", "unknown"])
def test_a_word_that_many_machines_show_is_no_host_id(word: str) -> None:
    with pytest.raises(ValueError, match="proves nothing"):
        normal_host_id(word.title())
