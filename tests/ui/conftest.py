"""The whole product, started once for each file of tests, and again after one that has ended it."""

from collections.abc import Iterator

import pytest

from simulator.running import RunningSimulator
from simulator.settings import SimulatorSettings
from tests.ui.product import Product, product


@pytest.fixture(scope="module")
def _product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with (
        RunningSimulator(SimulatorSettings(speed=3)) as simulator,
        product(tmp_path_factory.mktemp("up"), simulator) as made,
    ):
        yield made


@pytest.fixture
def up(_product: Product) -> Product:
    """All of it, with a worker that is ready."""
    _product.ensure()
    return _product
