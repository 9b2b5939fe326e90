"""A YAML text that a person wrote, which knows the line of every part."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import yaml

from fleet.text.fault import Fault
from fleet.text.place import Place

_DEEPEST = 50
_TOO_DEEP = "it is nested too deeply"
_NO_VALUE = "a value in it does not fit its tag, or is no character"


class NotYaml(Exception):
    """The text is not YAML; the message says where and why."""


class YamlText:
    """A YAML text: its `value`, and the places of its parts."""

    def __init__(self, text: str) -> None:
        try:
            _refuse_expansion(text)
            self._node = yaml.compose(text, Loader=yaml.SafeLoader)
            self.value = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise NotYaml(_where(error)) from None
        except ValueError as error:  # such as the 31st of February
            raise NotYaml(str(error)) from None
        except (LookupError, AttributeError, TypeError, OverflowError):  # such as !!bool maybe
            raise NotYaml(_NO_VALUE) from None

    def fault(self, place: Sequence[Any], problem: str, remedy: str) -> Fault:
        """A fault in the part at `place`, such as ("rules", 0, "then")."""
        column = ".".join(str(part) for part in place)
        where = Place(self._line(place))
        return Fault(where, column, "", f"{column or 'the file'}: {problem}", remedy)

    def doubled(self) -> Iterator[Fault]:
        """Keys that occur twice in one mapping: YAML would silently drop the first."""
        yield from _doubled(self._node)

    def _line(self, place: Sequence[Any]) -> int:
        """The line of the part at `place`, or of the innermost part around it."""
        node: Any = self._node
        line = int(node.start_mark.line) + 1
        for part in place:
            if isinstance(node, yaml.MappingNode):
                found = next(((k, v) for k, v in node.value if k.value == part), None)
                if found is None:
                    return line
                line, node = int(found[0].start_mark.line) + 1, found[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
                node = node.value[part]
                line = int(node.start_mark.line) + 1
        return line


def listed(faults: Iterable[Fault]) -> str:
    """The faults, each once and on a line of its own."""
    return "\n".join(f"- {f.line}: {f.problem}. {f.remedy}" for f in dict.fromkeys(faults))


def _refuse_expansion(text: str) -> None:
    """Raise NotYaml for what costs far more than it is long: aliases, and parts in parts in parts.

    A few aliases can expand to millions of parts, and 4,000 brackets take half a minute.
    """
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise NotYaml(_TOO_DEEP)
        if isinstance(event, yaml.AliasEvent):
            start: Any = event.start_mark
            raise NotYaml(f"line {start.line + 1}: write out what *{event.anchor} stands for")


def _doubled(node: Any) -> Iterator[Fault]:
    if isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _doubled(each)
    if not isinstance(node, yaml.MappingNode):
        return
    seen: set[str] = set()
    for key, value in node.value:
        name = str(key.value)
        if name in seen:
            line = int(key.start_mark.line) + 1
            yield Fault(Place(line), name, name, f"{name}: it is here twice", "Remove one of them")
        seen.add(name)
        yield from _doubled(value)


def _where(error: yaml.YAMLError) -> str:
    place = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or "it cannot be read"
    return f"line {place.line + 1}: {what}" if place else what
