"""Who may write into the inbox, or the outbox, would read or write other files of the worker."""

import os
import shutil

import pytest

from tasks.inbox.folder import Folder, NoInbox, stamped
from tasks.runtime.clock import utc_now
from tasks.text.text_kind import ROSTER

SECRET = b"MUSTER_LEDGER_KEY=hunter2-of-plant-7"
ROWS = b"device,host_id\nedge-1,43e210471948\n"


@pytest.fixture
def inbox(tmp_path):
    (tmp_path / "inbox" / "plant-7").mkdir(parents=True)
    return tmp_path / "inbox"


@pytest.fixture
def worker(tmp_path):
    """A folder of the worker that nobody else may read."""
    folder = tmp_path / "worker"
    folder.mkdir()
    (folder / "july.csv").write_bytes(SECRET)
    return folder


def dropped(inbox):
    (inbox / "plant-7" / "july.csv").write_bytes(ROWS)
    (found,) = Folder(str(inbox)).dropped()
    return found


def test_a_file_that_becomes_a_link_once_it_was_listed_is_not_read(inbox, worker):
    file = dropped(inbox)
    (inbox / "plant-7" / "july.csv").unlink()
    (inbox / "plant-7" / "july.csv").symlink_to(worker / "july.csv")

    with pytest.raises(NoInbox):
        Folder(str(inbox)).read(file)


def test_a_folder_that_becomes_a_link_leads_to_no_file_that_is_read_or_deleted(inbox, worker):
    file = dropped(inbox)
    shutil.rmtree(inbox / "plant-7")
    (inbox / "plant-7").symlink_to(worker)

    with pytest.raises(NoInbox):
        Folder(str(inbox)).read(file)
    Folder(str(inbox)).delete(file)
    assert (worker / "july.csv").read_bytes() == SECRET


def test_a_file_that_becomes_a_pipe_is_not_waited_for(inbox):
    file = dropped(inbox)
    (inbox / "plant-7" / "july.csv").unlink()
    os.mkfifo(inbox / "plant-7" / "july.csv")

    with pytest.raises(NoInbox):
        Folder(str(inbox)).read(file)


def test_a_link_in_the_outbox_leads_nowhere(tmp_path, worker):
    outbox = tmp_path / "outbox"
    outbox.mkdir()
    (outbox / "20261130T073734Z-plant-7.csv").symlink_to(worker)
    (outbox / "made").mkdir()
    (outbox / "made" / "july.csv").symlink_to(worker / "july.csv")

    for path in ("20261130T073734Z-plant-7.csv/july.csv", "made/july.csv"):
        with pytest.raises(NoInbox):
            Folder(str(outbox)).put(path, ROWS)
    assert (worker / "july.csv").read_bytes() == SECRET


def test_what_was_dropped_anew_since_it_was_listed_is_not_deleted(inbox):
    file = dropped(inbox)
    (inbox / "plant-7" / "july.csv").write_bytes(ROWS + b"edge-2,43e210471949\n")

    Folder(str(inbox)).delete(file)

    assert (inbox / "plant-7" / "july.csv").exists()


@pytest.mark.parametrize("url", ["memory://rosters-of-attacks/in", ""])
def test_what_is_as_it_was_listed_is_read_and_deleted(inbox, url):
    folder = Folder(url or str(inbox))
    folder.put("plant-8/july.csv", ROWS)

    (file,) = folder.dropped()

    assert (folder.read(file), file.folder) == (ROWS, "plant-8")
    folder.delete(file)
    assert folder.dropped() == []


def test_a_folder_that_cannot_be_listed_hides_no_other(inbox):
    dropped(inbox)
    (inbox / "plant-6").mkdir(mode=0)
    folder = Folder(str(inbox))

    assert [each.name for each in folder.dropped()] == ["july.csv"]
    if os.geteuid():
        assert folder.unlisted == ["plant-6"]


def test_a_name_that_is_no_text_is_one_that_can_be_written(inbox):
    (inbox / "plant-7" / os.fsdecode(b"j\xfcly.csv")).write_bytes(ROWS)

    (found,) = Folder(str(inbox)).dropped()

    assert found.name.encode().decode() == found.name
    assert Folder(str(inbox)).read(found) == ROWS


def test_the_folder_for_a_file_of_the_longest_name_can_be_made():
    name = "ü" * 125 + ".csv"

    assert len(stamped(name, utc_now()).encode()) <= 255


def test_what_is_larger_than_a_roster_may_be_is_not_read(inbox):
    with (inbox / "plant-7.csv").open("wb") as file:
        file.truncate(ROSTER.limit + 1)
    (found,) = Folder(str(inbox)).dropped()

    with pytest.raises(NoInbox):
        Folder(str(inbox)).read(found)
