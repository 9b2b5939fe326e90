"""What each column is used as: by its name in many languages, by its content, and how sure."""

import pytest

from fleet.roster.choices import Choices, UnknownField, chosen_columns
from fleet.roster.mapping import Column, Sureness
from fleet.roster.roster import Roster
from fleet.text.fault import UnusableRoster
from sheets.read import read_roster

MAC, MAC_2 = "02:00:00:00:00:01", "02:00:00:00:00:02"


def read(text: str, **columns: str) -> Roster:
    return read_roster(text, "plant-7", "lem", (), Choices(columns=columns))


def column(text: str, header: str) -> Column:
    return next(each for each in read(text).mapping.columns if each.header == header)


def used(header: str, cell: str) -> tuple[str, Sureness]:
    """What a column is used as, beside one of devices, and how sure that is."""
    found = column(f"device\t{header}\nedge-1\t{cell}\nedge-2\n", header)
    return found.field, found.sureness


@pytest.mark.parametrize(
    ("field", "cell", "headers"),
    [
        (
            "host_id",
            "43e210471948",
            "Host-Kennung, ID hôte, Identifiant d'hôte, ID del host, Identificador do host, "
            "Identyfikator hosta, ID hostitele, Värd-ID, 主机ID, ホストID, Edge host ID",
        ),
        (
            "mac",
            MAC,
            "MAC-Adresse, Adresse MAC, Dirección MAC, Indirizzo MAC, Endereço MAC, MAC-adres, "
            "Adres MAC, MAC adresa, MAC-adress, MAC地址, MACアドレス, Physical Address, macAddress",
        ),
        (
            "serial",
            "A1",
            "Serial Number, SerialNumber, Seriennummer, Serien-Nr., Numéro de série, "
            "Número de serie, Numero di serie, Número de série, Serienummer, Numer seryjny, "
            "Sériové číslo, 序列号, シリアル番号, S/N",
        ),
        (
            "site",
            "Plant 7",
            "Location, Standort, Emplacement, Ubicación, Posizione, Localização, Locatie, "
            "Lokalizacja, Umístění, Plats, 站点, 拠点",
        ),
        (
            "notes",
            "spare",
            "Note, Comment, Bemerkung, Commentaire, Observaciones, Osservazioni, Observações, "
            "Opmerkingen, Uwagi, Poznámka, Anmärkning, 备注, 備考",
        ),
        ("label", "Test bench", "Display Name, Friendly name, Anzeigename, Étiquette"),
    ],
)
def test_a_column_is_known_by_its_name_in_many_languages(
    field: str, cell: str, headers: str
) -> None:
    found = {header: used(header, cell) for header in headers.split(", ")}

    assert found == dict.fromkeys(found, (field, Sureness.SYNONYM))


NAMES = (
    "Hostname, Device Name, DeviceName, Var:hostname, *Hostname, Hostname (required), Name, Asset, "
    "Gerätename, Geraetename, Nom de l'appareil, Nombre del dispositivo, Nome dispositivo, "
    "Nome do dispositivo, Apparaatnaam, Nazwa urządzenia, Název zařízení, Enhetsnamn, 设备名称, "
    "デバイス名, ホスト名"
)


@pytest.mark.parametrize("header", NAMES.split(", "))
def test_the_column_of_names_is_known_in_many_languages(header: str) -> None:
    roster = read(f"{header}\tMAC\nedge-1\t{MAC}\n")

    assert [d.name for d in roster.devices] == ["edge-1"]
    assert roster.mapping.columns[0].sureness is Sureness.SYNONYM


@pytest.mark.parametrize("header", ["host_id", "Host ID", "HOST-ID", "hostId", "Host ID *"])
def test_a_field_by_its_own_name_is_exact(header: str) -> None:
    assert used(header, "43e210471948") == ("host_id", Sureness.EXACT)


@pytest.mark.parametrize(
    "header", ["Model", "Hersteller", "IP-Adresse", "型号", "Rack", "License SKUs"]
)
def test_a_column_of_something_else_is_not_used_and_says_why(header: str) -> None:
    found = column(f"device,{header}\nedge-1,x\n", header)

    assert (found.field, found.sureness) == ("", Sureness.UNUSED)
    assert found.reason


@pytest.mark.parametrize("header", ["", "Foo", "ID", "Netzwerk", "eth0"])
def test_a_column_of_macs_is_one_by_whatever_name(header: str) -> None:
    roster = read(f"device,{header}\nedge-1,{MAC}\nedge-2,02-00-00-00-00-02\nedge-3,\n")

    assert [d.macs for d in roster.devices] == [(MAC,), (MAC_2,), ()]
    assert roster.mapping.columns[1].sureness is Sureness.CONTENT


def test_macs_that_no_name_says_are_a_guess_and_others_are_none() -> None:
    assert read(f"device,Foo\nedge-1,{MAC}\n").mapping.is_guessed
    assert not read(f"device,Foo\nedge-1,{MAC}\n", Foo="mac").mapping.is_guessed
    assert not read(f"Hostname,MAC-Adresse\nedge-1,{MAC}\n").mapping.is_guessed


@pytest.mark.parametrize(
    "header",
    [
        *("Gateway", "Switch MAC", "AP MAC", "BSSID", "Uplink", "Next hop", "MAC vendor"),
        *("gatewayMac", "MAC Address (Switch)", "MAC [gateway]", "MAC-Adresse (Switch)"),
    ],
)
def test_a_column_of_another_machines_macs_is_none(header: str) -> None:
    roster = read(f"device,{header}\nedge-1,{MAC}\nedge-2,{MAC_2}\n")

    assert [d.macs for d in roster.devices] == [(), ()]
    assert roster.mapping.unused[0].proposed == "mac"


def test_macs_that_lines_share_are_those_of_another_machine() -> None:
    roster = read(f"device,Foo\nedge-1,{MAC}\nedge-2,{MAC}\n")

    assert [d.macs for d in roster.devices] == [(), ()]


def test_beside_a_column_of_macs_other_macs_are_proposed_unless_an_adapter_is_named() -> None:
    text = f"device,MAC,{{}}\nedge-1,{MAC},{MAC_2}\n"

    assert read(text.format("Foo")).devices[0].macs == (MAC,)
    assert read(text.format("Foo")).mapping.unused[0].proposed == "mac"
    assert read(text.format("eth1")).devices[0].macs == (MAC, MAC_2)


@pytest.mark.parametrize("header", ["ID", "Serial", "Foo", "", "UUID", "Asset tag"])
def test_twelve_digits_are_an_identity_only_where_the_name_says_so(header: str) -> None:
    roster = read(f"device,{header}\nedge-1,43e210471948\nedge-2,43e210471949\n")

    assert not any(device.identity for device in roster.devices)


def test_twelve_digits_without_a_name_that_says_which_are_proposed() -> None:
    assert column("device,Foo\nedge-1,43e210471948\n", "Foo").proposed == "host_id"


def test_another_name_of_host_ids_needs_cells_that_may_be_some() -> None:
    assert used("Host-Kennung", "rack 4") == ("", Sureness.UNUSED)
    assert used("Host-Kennung", "1122334455") == ("host_id", Sureness.SYNONYM)


def test_of_several_columns_of_names_the_best_is_used_and_the_others_are_listed() -> None:
    text = f"Asset,Name,Hostname,MAC\nA1,,edge-1,{MAC}\nA2,,edge-2,{MAC_2}\n"

    roster = read(text)

    assert [d.name for d in roster.devices] == ["edge-1", "edge-2"]
    assert [c.header for c in roster.mapping.unused] == ["Asset", "Name"]
    assert "'Asset', 'Name'" in roster.mapping.columns[2].reason


def test_a_column_of_names_that_is_nearly_empty_gives_way_to_one_that_is_not() -> None:
    text = f"Hostname,Name,MAC\n,edge-1,{MAC}\n,edge-2,{MAC_2}\n"

    assert [d.name for d in read(text).devices] == ["edge-1", "edge-2"]


@pytest.mark.parametrize("header", ["ID", "Asset", "Name", "Host"])
def test_numbers_of_rows_are_no_names_unless_somebody_says_so(header: str) -> None:
    text = f"{header},MAC\n1,{MAC}\n2,{MAC_2}\n"

    with pytest.raises(UnusableRoster, match="no column 'device'"):
        read(text)
    assert [d.name for d in read(text, **{header: "device"}).devices] == ["1", "2"]


def test_a_column_of_signs_alone_is_known_by_them() -> None:
    roster = read(f"#,?,device,MAC\nx,y,edge-1,{MAC}\n", **{"#": "notes"})

    assert [column.field for column in roster.mapping.columns] == ["notes", "", "device", "mac"]


def test_without_names_the_columns_are_listed_with_what_to_say() -> None:
    with pytest.raises(UnusableRoster) as refusal:
        read(f"Serial,MAC\nA1,{MAC}\n")

    assert "its columns are: Serial, MAC" in str(refusal.value)
    assert "Serial = device" in str(refusal.value)


def test_what_is_chosen_comes_before_what_is_found() -> None:
    roster = read(
        f"device,Inventory,MAC,Foo\nx,edge-1,{MAC_2},{MAC}\n",
        Inventory="device",
        MAC="",
        Foo="mac",
    )

    (device,) = roster.devices
    assert (device.name, device.macs) == ("edge-1", (MAC,))
    assert [c.header for c in roster.mapping.unused] == ["device", "MAC"]
    assert {c.sureness for c in roster.mapping.columns if c.field} == {Sureness.OVERRIDDEN}


def test_a_column_may_be_chosen_as_two_things() -> None:
    (device,) = read("Serial,Host ID\nA1,43e210471948\n", **{"Host ID": "device, host_id"}).devices

    assert (device.name, device.host_id) == ("43e210471948", "43e210471948")


def test_what_was_chosen_before_is_shown_as_remembered_and_gives_way() -> None:
    before = Choices(columns={"MAC": "mac"}, remembered={"Foo": "device", "MAC": ""})

    roster = read_roster(f"Foo,MAC\nedge-1,{MAC}\n", "plant-7", "lem", (), before)

    assert [c.sureness for c in roster.mapping.columns] == [
        Sureness.REMEMBERED,
        Sureness.OVERRIDDEN,
    ]


def test_what_is_chosen_is_remembered_beside_what_was_before() -> None:
    choices = Choices(
        columns={"foo": "mac", "Asset": "auto"}, remembered={"Bar": "", "Foo": "label", "asset": ""}
    )

    roster = read_roster(f"device,FOO,asset\nedge-1,{MAC},4\n", "plant-7", "lem", (), choices)

    assert roster.devices[0].macs == (MAC,)
    assert roster.chosen == {"Bar": "", "foo": "mac"}
    assert choices.chosen("asset") is None


def test_a_column_that_is_not_there_cannot_be_chosen() -> None:
    with pytest.raises(UnusableRoster, match="no column 'Fooo'"):
        read("device,Foo\nedge-1,x\n", Fooo="mac")


def test_records_of_any_keys_are_read_as_they_are_chosen() -> None:
    text = '[{"what": "edge-1", "which": "43e210471948"}]'

    with pytest.raises(UnusableRoster, match="its columns are: what, which"):
        read(text)
    assert read(text, what="device", which="host_id").devices[0].host_id == "43e210471948"


def test_a_field_that_there_is_not_is_refused() -> None:
    with pytest.raises(UnknownField, match="'hostt'"):
        Choices(columns={"Foo": "hostt"})


def test_a_form_says_what_columns_are() -> None:
    said = "Asset tag = device; Location =\nA=B=mac"

    assert chosen_columns(said) == {"Asset tag": "device", "Location": "", "A=B": "mac"}
    assert chosen_columns(" ") == {}
    with pytest.raises(UnknownField, match="'Asset tag'"):
        chosen_columns("Asset tag")


def test_a_line_keeps_its_label_serial_and_notes() -> None:
    (line,) = read("device,Label,Serial No.,Notes,Comment\nedge-1,Bench,A1,spare,old\n").lines

    assert (line.label, line.serial, line.notes) == ("Bench", "A1", "spare; old")


def test_a_column_of_every_sheet_is_listed_once() -> None:
    columns = read("device,Rack,,Rack\nedge-1,1,,2\n").mapping.columns

    assert [(c.header, c.field) for c in columns] == [("device", "device"), ("Rack", "")]
