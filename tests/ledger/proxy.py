"""A TCP proxy before a server that is not ours: the server seems to go away, and to come back."""

import socket
import threading
from contextlib import suppress


class Proxy:
    """Listens at `port` of this machine and leads to `target`, unless it is cut."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._is_cut, self._answer = False, b""
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def cut(self, answer: bytes = b"") -> None:
        """Drop every connection, and each new one, until `restore`; the new ones get `answer`."""
        self._is_cut, self._answer = True, answer
        for each in self._open:
            _shut(each)
        self._open.clear()

    def restore(self) -> None:
        """Let connections through again."""
        self._is_cut = False

    def close(self) -> None:
        """End it."""
        self.cut()
        _shut(self._listener)
        self._accepting.join(5)

    def _turn_away(self, near: socket.socket) -> None:
        with suppress(OSError):
            if self._answer and near.recv(65536):
                near.sendall(self._answer)
        _shut(near)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if self._is_cut:
                    self._turn_away(near)
                    continue
                far = socket.create_connection(self._target)
                self._open += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_pump, args=(one, other), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    _shut(source)
    _shut(sink)


def _shut(each: socket.socket) -> None:
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()
