"""The toy system's entry in the registry."""

from systems.shared.entry import SystemEntry
from tests.systems.toy.adapter import Toy
from tests.systems.toy.settings import ToySettings

TOY = SystemEntry("Toy", "toy", ToySettings, Toy, "tests.systems.toy.block:ToyConnection")
