"""The errors of a template in words that name line and place, in the order of the lines."""

from collections.abc import Callable, Iterable
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from loader.mapping.field_spec import ConversionName, FieldSpec, Join, KeySpec, LinkSpec, Split
from loader.mapping.rows import Rows, SkipIf, StopAt
from loader.mapping.spec import RESERVED, Step, Template, Warnings
from loader.mapping.texts import nearest_of
from loader.mapping.yaml_lines import Place

_Context = dict[str, Any]


def shown_place(place: Place) -> str:
    """A place as people read it, list positions from 1: `steps[2].fields.LoanSetup.loanRate`."""
    shown = ""
    for part in place:
        shown += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if shown else part
    return shown


def line_of(lines: dict[Place, int], place: Place) -> int:
    """The line of a place, or of the nearest place around it that the file has."""
    while place not in lines and place:
        place = place[:-1]
    return lines.get(place, 1)


def problem_line(name: str, lines: dict[Place, int], place: Place, message: str) -> str:
    """One line of an error: template, line, place, message."""
    written: Place = ()
    for part in place:
        # A position that stands where the file has no list, because one thing alone needs none.
        if isinstance(part, str) or (*written, part) in lines:
            written = (*written, part)
    where = f", {shown_place(written)}" if written else ""
    return f"{name}, line {line_of(lines, written)}{where}: {message}"


def in_our_words(error: ValidationError) -> list[tuple[Place, str]]:
    """The problems that pydantic found, each with its place."""
    return [problem for detail in error.errors(include_url=False) for problem in _problems_of(detail)]


def in_order(name: str, lines: dict[Place, int], problems: Iterable[tuple[Place, str]]) -> list[str]:
    """One line for each problem, in the order of the template's lines."""
    found = [(line_of(lines, place), problem_line(name, lines, place, said)) for place, said in problems]
    return [text for _, text in sorted(found, key=lambda item: item[0])]


def _problems_of(detail: ErrorDetails) -> list[tuple[Place, str]]:
    place: Place = detail["loc"]
    context: _Context = detail.get("ctx", {})
    if "problems" in context:
        return [((*place, key) if key else place, message) for key, message in context["problems"]]
    if detail["type"] == "extra_forbidden":
        return [(place, _unknown_key(place))]
    if detail["type"] == "literal_error":
        return [(place, _not_among(place, detail["input"], context))]
    words = _WORDS.get(detail["type"])
    return [(place, words(detail["input"], context) if words else detail["msg"])]


_WORDS: Final[dict[str, Callable[[Any, _Context], str]]] = {
    "missing": lambda _, __: "is missing",
    "value_error": lambda _, context: str(context["error"]),
    "string_type": lambda found, _: (
        "must be text"
        if isinstance(found, dict | list) or found is None
        else f"{found} is not text; put it in quotes"
    ),
    "int_type": lambda found, _: f"must be a whole number, not {str(found)!r}",
    "bool_type": lambda found, _: f"must be true or false, not {str(found)!r}",
    "dict_type": lambda _, __: _A_MAPPING,
    "model_type": lambda _, __: _A_MAPPING,
    "list_type": lambda _, __: "must be a list",
    "string_pattern_mismatch": lambda found, _: (
        f"{str(found)!r} is not a currency's code, such as USD or EUR"
    ),
    "too_short": lambda _, __: "is empty",
    "string_too_short": lambda _, __: "is empty",
    "greater_than_equal": lambda _, context: f"must be at least {context['ge']}",
    "less_than_equal": lambda _, context: f"must be at most {context['le']}",
}
_A_MAPPING: Final = "must be a mapping: keys, each with a colon and a value"


def _not_among(place: Place, found: Any, context: _Context) -> str:
    if place == ("template",):
        return f"is {found!r}; this version reads templates of version 1"
    if place[-1] == "as":
        known = list(get_args(ConversionName))
    elif place[-1] == "group":
        return f'{str(found)!r} is not one of ",", ".", " ", "\'" and none'
    else:
        known = str(context["expected"]).replace(" or ", ", ").replace("'", "").split(", ")
    near = nearest_of(str(found), known)
    return f"{str(found)!r} is not one of {', '.join(known)}" + (f"; did you mean {near!r}?" if near else "")


def _unknown_key(place: Place) -> str:
    model = _model_at(place[:-1])
    key = str(place[-1])
    if key in RESERVED.get(model.__name__, ()):
        return "not supported by this version"
    known = [field.alias or name for name, field in model.model_fields.items()]
    near = nearest_of(key, known)
    return (
        f"is no key here; did you mean {near!r}?" if near else f"is no key here; known are {', '.join(known)}"
    )


def _model_at(place: Place) -> type[BaseModel]:
    """The model whose keys stand at a place."""
    known: dict[Place, type[BaseModel]] = {
        ("rows",): Rows,
        ("rows", "skip_if"): SkipIf,
        ("rows", "stop_at"): StopAt,
    }
    match place:
        case ("steps", int()):
            return Step
        case ("steps", int(), "fields", str()):
            return FieldSpec
        case ("steps", int(), "fields", str(), "join" | "split" as inner):
            return Join if inner == "join" else Split
        case ("steps", int(), "links", *_):
            return LinkSpec
        case ("steps", int(), "key"):
            return KeySpec
        case ("steps", int(), "key", "join"):
            return Join
        case ("steps", int(), "warnings"):
            return Warnings
        case _:
            return known.get(place, Template)
