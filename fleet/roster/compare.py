"""Lines compared with each other: those that contradict, and those that say the same twice."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from fleet.roster.cells import plain_site
from fleet.roster.draft import Draft

Key = tuple[str, str, str]  # a column, what it says, and of which site alone


def compare(drafts: Sequence[Draft], are_of_one_site: bool = True) -> None:
    """A fault for every line that shares a name, host id or MAC with another: none is trusted.

    Lines that say the same are one device, which is used once if a person says so. Where lines
    `are_of_one_site` or of several, devices of two sites may have one name.
    """
    found = _sharing(drafts, are_of_one_site)
    same = _same(sharing for (column, *_), sharing in found.items() if column == "device")
    for (column, value, _), sharing in found.items():
        groups = {id(same.get(id(draft), draft)) for draft in sharing}
        for draft in sharing if len(groups) > 1 else ():
            draft.clash(column, value, sharing)
    for group in {id(group): group for group in same.values()}.values():
        if not any(draft.faults for draft in group):
            _repeat(group)


def _same(named_alike: Iterable[Sequence[Draft]]) -> dict[int, list[Draft]]:
    """Of each line that another one repeats, all that say the same."""
    by_device: dict[object, list[Draft]] = defaultdict(list)
    for draft in (draft for sharing in named_alike for draft in sharing if not draft.faults):
        by_device[draft.said].append(draft)
    groups = [group for group in by_device.values() if len(group) > 1]
    return {id(draft): group for group in groups for draft in group}


def _sharing(drafts: Sequence[Draft], are_of_one_site: bool) -> dict[Key, list[Draft]]:
    """The lines that share something that is one device's only."""
    doubled = {
        *(("device", each) for each in _doubled(draft.name for draft in drafts)),
        *(("host_id", each) for each in _doubled((d.host_id or "").lower() for d in drafts)),
        *(("mac", each) for each in _doubled(mac for draft in drafts for mac in draft.macs)),
    }
    seen: dict[Key, list[Draft]] = defaultdict(list)
    for draft in drafts if doubled else ():
        for column, value in _values(draft):
            if (column, value) in doubled:
                is_any = are_of_one_site or column != "device"
                seen[column, value, "" if is_any else _site(draft)].append(draft)
    return {key: sharing for key, sharing in seen.items() if len(sharing) > 1}


def _doubled(values: Iterable[str]) -> set[str]:
    """The values that there are more than once: none, as a rule."""
    seen: set[str] = set()
    found: set[str] = set()
    for value in values:
        (found if value in seen else seen).add(value)
    return found - {""}


def _site(draft: Draft) -> str:
    return plain_site(next(iter(draft.texts("site")), ""))


def _values(draft: Draft) -> Iterable[tuple[str, str]]:
    if draft.name:
        yield "device", draft.name
    if draft.host_id:
        yield "host_id", draft.host_id.lower()
    for mac in draft.macs:
        yield "mac", mac


def _repeat(group: Sequence[Draft]) -> None:
    first, *others = group
    is_safe = all(other.cells == first.cells for other in others)
    first.repeat(first.name, f"{others[0].place} says the same, and one of them is enough", is_safe)
    for other in others:
        other.repeat("", f"{first.place} says the same", is_safe)
