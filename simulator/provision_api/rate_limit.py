"""The limit on admin calls: so many from one address within a sliding window."""

from collections import defaultdict, deque

from simulator.provision_api.settings import ProvisionApiSettings
from simulator.replies import Refused


class RateLimit:
    """The recent calls by address, in memory only: a restart forgets them."""

    def __init__(self, settings: ProvisionApiSettings) -> None:
        self._on, self._most = settings.rate_limit, settings.rate_calls
        self._window = round(settings.rate_seconds * 1000)
        self._recent: dict[str, deque[int]] = defaultdict(deque)

    def admit(self, address: str, now: int) -> None:
        """Count one call, or refuse it uncounted."""
        if not self._on:
            return
        recent = self._recent[address]
        while recent and now - recent[0] >= self._window:
            recent.popleft()
        if len(recent) >= self._most:
            raise Refused(429, "Rate limit exceeded")
        recent.append(now)
