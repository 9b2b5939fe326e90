"""Which columns a template has for which system, and what is said of each."""

from dataclasses import dataclass
from enum import StrEnum

EXAMPLE = "EXAMPLE-delete-this-line"  # the device of the example line, which is never read


class TemplateKind(StrEnum):
    """The systems that a template is for."""

    LEM = "lem"
    ACUSIGHT = "acusight"
    PROVISION_API = "provision-api"
    MIXED = "mixed"


@dataclass(frozen=True)
class TemplateColumn:
    """A column: its field, what it holds, its cell in the example line, and its width."""

    field: str
    about: str
    example: str = ""
    width: int = 22


_DEVICE = TemplateColumn(
    "device",
    "the device's name on its site (required): letters, digits, '.', '_' and '-', at most 63",
    EXAMPLE,
    30,
)
_LEM_ID = TemplateColumn(
    "host_id", "the 12 hex digits of the host id printed on the box", "43e210471948"
)
_ACUSIGHT_ID = TemplateColumn(
    "host_id",
    "the Docker id of the device (required), in its own case",
    "e1248783-18e9-e9af-2a39-b33a5be75a4e",
    40,
)
_ANY_ID = TemplateColumn(
    "host_id",
    "the host id: in LEM the 12 hex digits printed on the box; in Acusight the Docker id "
    "(required there), in its own case",
    "43e210471948",
    40,
)
_MAC = TemplateColumn(
    "mac",
    "one MAC address, or several with spaces between them",
    "02:df:39:32:24:99",
    40,
)
_ZERO_TOUCH = TemplateColumn(
    "zero_touch", "the name of its LEM zero-touch profile, if its image carries one"
)
_CONNECTION = TemplateColumn(
    "connection", "the connection by which it comes in; empty: that of the run", "lem"
)
_SITE = TemplateColumn("site", "the site of the line, where the file holds several", "plant-7")
_MORE = (
    TemplateColumn("label", "what people call it", "Packing line, left"),
    TemplateColumn("serial", "its maker's serial number", "SN-0042"),
    TemplateColumn("notes", "what else is to be known", width=40),
)
COLUMNS = {
    TemplateKind.LEM: (_DEVICE, _LEM_ID, _MAC, _ZERO_TOUCH, *_MORE),
    TemplateKind.ACUSIGHT: (_DEVICE, _ACUSIGHT_ID, _MAC, *_MORE),
    TemplateKind.PROVISION_API: (_DEVICE, *_MORE),
    TemplateKind.MIXED: (_DEVICE, _ANY_ID, _MAC, _ZERO_TOUCH, _CONNECTION, _SITE, *_MORE),
}
