"""A run whose ledger's file is deleted fails, and says so; it never ends Completed."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from flows.onboard_site import onboard_site
from tests.flows.site import SITE, changes, devices, roster


@pytest.mark.sqlite
def test_a_run_whose_ledger_is_deleted_fails_in_plain_words(lem, ended, tmp_path):
    def delete_it():
        """As soon as the run has asked for a config; most devices ask later than that."""
        deadline = time.monotonic() + 60
        while not changes(lem)["config"]:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        (tmp_path / "ledger.db").unlink()

    booted = devices(5)
    lem.control("lem/boot", devices=booted, boot_seconds=[20, 40])
    with ThreadPoolExecutor(1) as pool:
        deleting = pool.submit(delete_it)
        state = ended(onboard_site, SITE, roster(booted))
        deleting.result()

    assert state.is_failed()
    assert "ledger.db was deleted or replaced while this was at work" in state.message
    assert state.message.count("\n") == 0
