"""A hand-over: the file for whoever installs the devices, and a table without the secrets."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import yaml

from fleet.device.handover import HeldSecret
from reports.page.wording import clock

_HEAD = """\
# Device secrets of a site. Anyone who has them can impersonate these devices.
# Delete this file once the devices are installed.
"""
SHARED = "(several devices)"


def to_yaml(site: str, handed: Iterable[HeldSecret], made_at: datetime) -> str:
    """The secrets by device, as YAML for people and programs; what is not known is left out.

    It is text, because a spreadsheet would calculate a code that begins with "-" or "=".
    """
    entries: dict[str, list[dict[str, str]]] = defaultdict(list)
    for each in handed:
        entries[each.secret.device or ""].append(_entry(each))
    shared = entries.pop("", [])
    content: dict[str, Any] = {
        "site": site,
        "made_at": _iso(made_at),
        "devices": [{"device": name, "secrets": entries[name]} for name in sorted(entries)],
        "shared": shared,
    }
    if not shared:
        del content["shared"]
    return _HEAD + yaml.safe_dump(content, sort_keys=False)


def to_rows(
    offered: Iterable[HeldSecret], chosen: Collection[HeldSecret], word: str
) -> list[dict[str, str]]:
    """Every secret that can be handed over, those that are `chosen` first.

    `word` says what happens to these: *yes*, or *would be* in a dry run.
    """
    ids = {each.id for each in chosen}
    in_order = sorted(offered, key=lambda h: (h.id not in ids, h.secret.device or "", h.scope))
    return [_row(each, word if each.id in ids else "no") for each in in_order]


def _entry(held: HeldSecret) -> dict[str, str]:
    secret = held.secret
    known = {
        "system": held.scope,
        "kind": secret.kind.value,
        "id": "" if secret.device else secret.enrollment_id,
        "value": secret.value.get_secret_value(),
        "use_at": secret.endpoint,
        "expires": _iso(secret.expires_at) if secret.expires_at else "",
        "note": f"may have been replaced: {secret.may_be_replaced}" * bool(secret.may_be_replaced),
    }
    return {name: value for name, value in known.items() if value}


def _row(held: HeldSecret, word: str) -> dict[str, str]:
    secret = held.secret
    return {
        "device": secret.device or SHARED,
        "system": held.scope,
        "what": secret.kind.value + (" (may be replaced)" if secret.may_be_replaced else "")
        if secret.device
        else f"{secret.kind.value} {secret.enrollment_id}",
        "received": _moment(held.received_at),
        "expires": _moment(secret.expires_at),
        "taken before": "; ".join(f"{t.by}, {_moment(t.at)}" for t in held.takings),
        "handed over": word,
    }


def _iso(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def _moment(instant: datetime | None) -> str:
    return f"{clock(instant)}Z" if instant else ""
