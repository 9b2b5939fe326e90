"""A roster that a Prefect block leads to is read only where its address could lead, too."""

import fsspec
import pytest
from prefect.filesystems import LocalFileSystem, RemoteFileSystem

from tests.attacks.given import GOOD, SECRET, onboarded, refused

pytestmark = pytest.mark.usefixtures("prefect_server")


@pytest.fixture
def storage(monkeypatch):
    monkeypatch.setenv("MUSTER_ROSTER_BUCKETS", "memory://plant-rosters/north")
    made = fsspec.filesystem("memory")
    made.pipe("/plant-rosters/north/plant-7.csv", GOOD.encode())
    made.pipe("/plant-rosters/south/plant-8.csv", f"device\n{SECRET}\n".encode())
    yield made
    made.store.clear()


@pytest.mark.usefixtures("storage")
def test_a_block_leads_where_an_address_may():
    block = RemoteFileSystem(basepath="memory://plant-rosters")
    block.save("rosters", overwrite=True)
    RemoteFileSystem(basepath="memory://plant-rosters", settings={"key": SECRET}).save("keyed")

    read = onboarded("block:remote-file-system/rosters/north/plant-7.csv")
    messages = [
        refused(onboarded, f"block:remote-file-system/{path}")
        for path in (
            "rosters/south/plant-8.csv",
            "rosters/north/../south/plant-8.csv",
            "keyed/north/plant-7.csv",
            "no-such/north/plant-7.csv",
        )
    ]

    assert read == ["edge-1"]
    assert "MUSTER_ROSTER_BUCKETS" in messages[0]
    assert not [each for each in messages if SECRET in each]


def test_a_local_block_leads_only_into_the_folders_of_rosters(tmp_path, monkeypatch):
    (rosters := tmp_path / "rosters").mkdir()
    monkeypatch.setenv("MUSTER_ROSTERS", str(rosters))
    (rosters / "plant-7.csv").write_text(GOOD)
    (tmp_path / "secret.csv").write_text(f"device\n{SECRET}\n")
    LocalFileSystem(basepath=str(tmp_path)).save("all", overwrite=True)

    read = onboarded("block:local-file-system/all/rosters/plant-7.csv")
    messages = [
        refused(onboarded, f"block:local-file-system/all/{path}")
        for path in ("secret.csv", "rosters/../secret.csv", f"{tmp_path}/secret.csv")
    ]

    assert read == ["edge-1"]
    assert not [each for each in messages if SECRET in each]
