"""A zero-touch profile: a code on a stick, by which a device needs no approval."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from simulator.draw import word
from simulator.lem.booted_device import HEX

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nTk9UIEEgQ0VSVElGSUNBVEU=\n-----END CERTIFICATE-----"
MAKER = "simulator"


class NewProfile(BaseModel, extra="forbid"):
    """What the control surface makes a profile of."""

    project: str | None = None
    name: str
    device_count: int = Field(default=10, ge=1)
    days: float = Field(default=365, description="until its code expires")


@dataclass(slots=True)
class ZeroTouchProfile:
    """One profile; its code is backed by a config like any other."""

    project: str
    name: str
    code: str
    created_on: int

    @property
    def key(self) -> tuple[str, str]:
        """What makes it one profile."""
        return self.project, self.name

    def shape(self) -> dict[str, Any]:
        """The element of the zero-touch list, live code included."""
        drawn = self._drawn("id", 32)
        bundle = f"{self.project}/zerotouch-{self.name}-{drawn[:8]}.zip"
        return {
            "id": str(UUID(drawn)),
            "projectId": self.project,
            "configName": self.name,
            "staticIPEnabled": False,
            "asyncSubtaskId": str(UUID(self._drawn("subtask", 32))),
            "ztBundleFileName": bundle,
            "ztBundleFileSize": 2055,
            "checksum": f"sha256:{self._drawn('checksum', 64)}",
            **self._history(),
            "ztConfig": self._config(),
            "asyncSubtaskStatus": "SUCCESS",
            "asyncSubtaskProgress": 1,
        }

    def _drawn(self, what: str, length: int) -> str:
        return word(HEX, length, self.project, self.name, what)

    def _history(self) -> dict[str, Any]:
        verbs = (("created", "create"), ("updated", "update"), ("generated", "generate"))
        made = [(f"{done}By", MAKER, f"{do}Time", self.created_on) for done, do in verbs]
        return {key: value for by, who, at, when in made for key, value in ((by, who), (at, when))}

    def _config(self) -> dict[str, Any]:
        activation = {"code": self.code, "url": "https://lem.invalid", "cert": CERTIFICATE}
        containers = [{"name": "hello", "run-cmd": "/bin/bash"}]
        return {"version": "1.0", "activation": activation, "containers": containers}
