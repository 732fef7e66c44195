"""
YAML to plain values, with the line of each.

Scalars resolve as in the core schema of YAML 1.2, and more narrowly where a portfolio would suffer: `yes`, `no`,
`on`, `off`, `NO`, dates and `007` stay text; a number with a point becomes the Decimal that is written; a number
with an exponent stays text. The keys of a mapping are always text, as written.
"""

import re
from collections.abc import Hashable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeAlias

import yaml

Place: TypeAlias = tuple[str | int, ...]
"""The way to a value from the top of a document: keys, and positions in lists from 0."""

_NODES_AT_MOST = 200_000
_DEPTH_AT_MOST = 50

_NULL = "tag:yaml.org,2002:null"
_BOOL = "tag:yaml.org,2002:bool"
_INT = "tag:yaml.org,2002:int"
_STR = "tag:yaml.org,2002:str"
_DECIMAL = "tag:yaml.org,2002:float"


class YamlProblem(Exception):  # noqa: N818 - it never leaves the mapping: the template's error carries its words
    """
    A document that is not the YAML that templates use.

    Attributes:
        line: Line of the problem, from 1.
        message: What is wrong, without a final stop.
    """

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


@dataclass(frozen=True, slots=True)
class Document:
    """
    A YAML document as plain values.

    Attributes:
        value: Dicts with text keys, lists, and text, int, Decimal, bool or None.
        lines: The line, from 1, of each value by its place; for a value under a key, the key's line.
        doubled: Places of keys that stand twice in one mapping, each with the line of its second appearance; the
            value of the first is in `value`.
    """

    value: Any
    lines: dict[Place, int]
    doubled: tuple[tuple[Place, int], ...]


class _Loader(yaml.SafeLoader):
    """The safe loader with the narrower scalars; only its composing half is used."""

    yaml_implicit_resolvers: Final = {}  # type: ignore[misc]  # the parent's table, replaced as a whole


for _tag, _pattern, _first in (
    (_NULL, r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    (_BOOL, r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    (_INT, r"[-+]?(?:0|[1-9][0-9]*)", list("-+0123456789")),
    (_DECIMAL, r"[-+]?(?:0|[1-9][0-9]*)\.[0-9]+", list("-+0123456789")),
):
    _Loader.add_implicit_resolver(_tag, re.compile(rf"(?:{_pattern})\Z"), _first)


def parse_yaml(text: str) -> Document:
    """
    Read one document.

    Raises:
        YamlProblem: The text is not YAML, holds several documents or unknown tags, or repeats itself without end.
    """
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlProblem(mark.line + 1 if mark else 1, _in_plain_words(error)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise YamlProblem(line, f"a character that YAML does not allow (code {error.character})") from error
    if node is None:
        return Document(None, {(): 1}, ())
    build = _Builder()
    value = build.value_of(node, (), node.start_mark.line + 1)
    return Document(value, build.lines, tuple(build.doubled))


def _in_plain_words(error: yaml.MarkedYAMLError) -> str:
    problem = (error.problem or "it cannot be read").strip()
    if problem == "but found another document":
        return "a template is one document; this file holds several"
    if "found character '\\t'" in problem:
        return "a tab stands where YAML wants spaces"
    if problem == "mapping values are not allowed here":
        return "a colon stands where none can; put the text in quotes"
    return f"it is not YAML: {error.context + ', ' if error.context else ''}{problem}"


class _Builder:
    """Turns the nodes of one document into values, and keeps the lines."""

    def __init__(self) -> None:
        self.lines: dict[Place, int] = {}
        self.doubled: list[tuple[Place, int]] = []
        self._count = 0

    def value_of(self, node: yaml.Node, place: Place, line: int) -> Any:
        self._count += 1
        if self._count > _NODES_AT_MOST or len(place) > _DEPTH_AT_MOST:
            raise YamlProblem(line, "the template is too large, or repeats itself without end")
        self.lines[place] = line
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [
                self.value_of(item, (*place, position), item.start_mark.line + 1)
                for position, item in enumerate(node.value)
            ]
        return _scalar(node, line)

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise YamlProblem(line, "a key must be text")
            key: str = key_node.value
            here = (*place, key)
            if key in found:
                self.doubled.append((here, line))
                continue
            found[key] = self.value_of(value_node, here, line)
        return found


def _scalar(node: yaml.Node, line: int) -> Hashable:
    text: str = node.value
    match node.tag:
        case t if t == _STR:
            return text
        case t if t == _NULL:
            return None
        case t if t == _BOOL and text.lower() in {"true", "false"}:
            return text.lower() == "true"
        case t if t == _INT and re.fullmatch(r"[-+]?[0-9]{1,100}", text):
            return int(text)
        case t if t == _DECIMAL and re.fullmatch(r"[-+]?[0-9]{1,100}(\.[0-9]{1,100})?", text):
            return Decimal(text)
        case tag:
            raise YamlProblem(
                line, f"the tag or number {tag.rpartition(':')[2]} {text[:40]!r} is not supported"
            )
