"""A port for a server that is yet to start."""

import socket
from pathlib import Path

import pytest

from deployments.processes import free_port, is_free

GIVEN_AWAY = Path("/proc/sys/net/ipv4/ip_local_port_range")


def test_a_free_port_can_be_listened_on():
    port = free_port()

    with socket.create_server(("127.0.0.1", port)):
        assert not is_free(port)


@pytest.mark.skipif(not GIVEN_AWAY.exists(), reason="only Linux says which ports it gives away")
def test_it_is_none_that_another_program_may_be_given_meanwhile():
    first, last = map(int, GIVEN_AWAY.read_text().split())

    assert not [port for port in (free_port() for _ in range(20)) if first <= port <= last]
