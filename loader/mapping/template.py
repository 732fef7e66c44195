"""Reads a template: a file of the user's, or one that is shipped. Every error says its line and its place."""

import hashlib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from loader.errors import TemplateError
from loader.mapping.field_spec import FieldSpec, LinkSpec
from loader.mapping.spec import Step, Template
from loader.mapping.template_errors import in_order, in_our_words, problem_line
from loader.mapping.texts import nearest_of
from loader.mapping.yaml_lines import Place, YamlProblem, parse_yaml

__all__ = [
    "FieldSpec", "LinkSpec", "LoadedTemplate", "Step", "Template", "load_template", "parse_template",
    "shipped_templates",
]  # fmt: skip

_SUFFIXES: Final = (".yaml", ".yml")
_LARGEST_BYTES: Final = 2_000_000
_SEE: Final = "every key is described in docs/templates.md"


@dataclass(frozen=True, slots=True)
class LoadedTemplate:
    """
    A template that has been read.

    Attributes:
        template: What it says.
        name: The path as it was given, or the name of a shipped template.
        digest: SHA-256 of its bytes, in hexadecimal.
        lines: Line, from 1, of each place in it.
        text: The file's own text.
    """

    template: Template
    name: str
    digest: str
    lines: dict[Place, int]
    text: str

    def problem(self, place: Place, message: str) -> str:
        """One line of an error: template, line, place, message."""
        return problem_line(self.name, self.lines, place, message)


def load_template(name_or_path: str | Path) -> LoadedTemplate:
    """
    Read a template and check all that can be checked without the file and without LoanPro's field names.

    Args:
        name_or_path: A path that ends in `.yaml` or `.yml`, or the name of a shipped template.

    Raises:
        TemplateError: There is no such template, or it is wrong; the message has one line for each problem.
    """
    name = str(name_or_path)
    if isinstance(name_or_path, Path) or name.lower().endswith(_SUFFIXES):
        return parse_template(_bytes_of(Path(name)), name)
    shipped = _shipped_paths()
    if name not in shipped and Path(name).exists():
        raise TemplateError(
            f"{name} is no template: those are YAML files that end in .yaml",
            hint="the file with the rows comes first, its template after -t, as in `loader check loans.xlsx -t my-loans.yaml`",
        )
    if name not in shipped:
        near = nearest_of(name, list(shipped))
        raise TemplateError(
            f"there is no template {name!r}" + (f"; did you mean {near!r}?" if near else ""),
            hint=f"name a .yaml file, or one of the shipped templates: {', '.join(shipped)}",
        )
    return parse_template(shipped[name].read_bytes(), name)


def shipped_templates() -> list[LoadedTemplate]:
    """The templates that come with the program, by name."""
    return [load_template(name) for name in _shipped_paths()]


def parse_template(content: bytes, name: str) -> LoadedTemplate:
    """
    Read a template from its bytes.

    Args:
        content: UTF-8 text.
        name: What messages call it.

    Raises:
        TemplateError: It is wrong; the message has one line for each problem.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TemplateError(
            f"{name}, line {line}: is not UTF-8 text", hint="save the file as UTF-8"
        ) from error
    try:
        document = parse_yaml(text)
    except YamlProblem as error:
        raise TemplateError(f"{name}, line {error.line}: {error.message}", hint=_SEE) from error
    problems = [
        (place, f"stands twice (again on line {again})") for place, again in dict.fromkeys(document.doubled)
    ]
    template = None
    try:
        template = Template.model_validate(document.value)
    except ValidationError as error:
        problems += in_our_words(error)
    if template is None or problems:
        raise TemplateError("\n".join(in_order(name, document.lines, problems)), hint=_SEE)
    return LoadedTemplate(template, name, hashlib.sha256(content).hexdigest(), document.lines, text)


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_BYTES + 1)
    except FileNotFoundError as error:
        raise TemplateError(
            f"there is no file {path}",
            hint=f"shipped templates are named without suffix: {', '.join(_shipped_paths())}",
        ) from error
    except OSError as error:
        raise TemplateError(
            f"{path} cannot be read: {error.strerror}", hint="check the path and its permissions"
        ) from error
    if len(content) > _LARGEST_BYTES:
        raise TemplateError(
            f"{path} is larger than 2 MB, which no template is", hint="was the loan file meant by it?"
        )
    return content


def _shipped_paths() -> dict[str, Path]:
    """The shipped templates' files: inside the installed package, or beside it in a checkout."""
    with resources.as_file(resources.files("loader")) as package:
        folder = package / "templates"
        if not folder.is_dir() and (package.parent / "pyproject.toml").is_file():
            folder = package.parent / "templates"
        return {path.stem: path for path in sorted(folder.glob("*.yaml"))}
