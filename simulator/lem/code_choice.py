"""Which code a device asks by: what an installer would have typed into it."""

from collections import defaultdict, deque

from simulator.lem.activation_config import ActivationConfig
from simulator.lem.booted_device import BootedDevice
from simulator.lem.records import Records


class CodeChoice:
    """Codes for devices: their own, their profile's, a given one, or the site's newest.

    Devices that want a code of their own get the configs for one device in the order both
    came: the first such config is the first such device's, even if another one asks first.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._shared: dict[str, list[ActivationConfig]] = defaultdict(list)
        self._single: dict[str, list[ActivationConfig]] = defaultdict(list)
        self._untaken: dict[str, deque[str]] = defaultdict(deque)
        self._wanting: dict[str, deque[BootedDevice]] = defaultdict(deque)
        taken = {device.own for device in records.booted}
        for config in records.configs:
            self._index(config, taken=config.code in taken)
        for device in records.booted:
            self.want(device)

    def add(self, config: ActivationConfig) -> None:
        """Add a new config, for the devices to use."""
        self._index(config, taken=False)

    def want(self, device: BootedDevice) -> None:
        """Put a device into the queue for a code of its own, if it is to have one."""
        if device.own_code and device.own is None and device.code is None:
            self._wanting[device.project].append(device)

    def pair(self, project: str, now: int) -> list[BootedDevice]:
        """Give the untaken configs to waiting devices; returns the devices that got one."""
        untaken, wanting, paired = self._untaken[project], self._wanting[project], []
        while untaken and wanting:
            config = self._usable(untaken.popleft(), now)
            if config:
                device = wanting.popleft()
                device.own = config.code
                self._records.booted.put(device)
                paired.append(device)
        return paired

    def choose(self, device: BootedDevice, now: int) -> ActivationConfig | None:
        """The usable config that `device` asks by, if there is one for it now."""
        if device.code is not None:
            config = self._usable(device.code, now)
            return config if config and config.project == device.project else None
        if device.behavior == "zero-touch":
            return self._of_profile(device, now)
        if device.own_code:
            return self._own(device, now)
        return self._newest(device.project, now)

    def _of_profile(self, device: BootedDevice, now: int) -> ActivationConfig | None:
        for profile in self._records.profiles:
            if profile.project == device.project and device.profile in (None, profile.name):
                config = self._usable(profile.code, now)
                if config:
                    return config
        return None

    def _own(self, device: BootedDevice, now: int) -> ActivationConfig | None:
        if device.own is None:
            return None
        config = self._usable(device.own, now)
        if config is None:
            device.own = None
            self._records.booted.put(device)
            self.want(device)
            self.pair(device.project, now)
            config = self._usable(device.own, now) if device.own else None
        return config

    def _newest(self, project: str, now: int) -> ActivationConfig | None:
        # A site of one device shares a config for one device: without any other, use such a one.
        for configs in (self._shared[project], self._single[project]):
            for config in reversed(configs):
                if config.usable(now):
                    return config
        return None

    def _usable(self, code: str, now: int) -> ActivationConfig | None:
        config = self._records.configs.get(code)
        return config if config and config.usable(now) else None

    def _index(self, config: ActivationConfig, *, taken: bool) -> None:
        if config.zero_touch:
            return
        if config.device_count > 1:
            self._shared[config.project].append(config)
            return
        self._single[config.project].append(config)
        if not taken:
            self._untaken[config.project].append(config.code)
