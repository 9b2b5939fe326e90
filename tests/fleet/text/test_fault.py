"""A fault says where it is, what is wrong and what helps, and nothing that it does not know."""

from dataclasses import replace

from fleet.text.fault import Fault
from fleet.text.place import Place


def test_a_fault_says_its_line_and_column_what_is_wrong_and_what_helps() -> None:
    fault = Fault(Place(4), "mac", "00:1a", "'00:1a' is not a MAC address", "Write six pairs")

    assert str(fault) == "line 4, column mac: '00:1a' is not a MAC address. Write six pairs"


def test_a_fault_of_a_whole_line_names_no_column_and_may_be_of_no_device() -> None:
    fault = Fault(Place(4), "", "", "it names no device", "Write its name")

    assert str(fault) == "line 4: it names no device. Write its name"
    assert (fault.device, fault.letters) == ("", "")


def test_a_fault_is_the_same_wherever_its_column_is() -> None:
    fault = Fault(Place(4), "mac", "zz", "it is none", "Write one", letters="C")

    assert fault == replace(fault, letters="D")
    assert fault != replace(fault, line=Place(5))
