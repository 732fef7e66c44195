"""Options that say which file is read, and how; the password of a workbook, which is never an option's value."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import rich_click as click

if TYPE_CHECKING:
    from loader.source.reading import Password, Reading

_F = TypeVar("_F", bound=Callable[..., Any])


def source_options(command: _F) -> _F:
    """FILE, template, and how the file is to be read."""
    return file_options(template_option(command, required=True))


def template_option(command: _F, *, required: bool) -> _F:
    """The template."""
    without = (
        "" if required else " Without one the file itself is told: its columns, and what is odd about them."
    )
    return click.option(
        "-t",
        "--template",
        required=required,
        metavar="TEMPLATE",
        help=f"Name of a shipped template, or a .yaml file; `loader template list` lists them.{without}",
    )(command)


def file_options(command: _F) -> _F:
    """FILE, and how it is to be read."""
    return click.argument("file", type=click.Path(path_type=Path, allow_dash=True))(reading_options(command))


def reading_options(command: _F) -> _F:
    """How a file is to be read, where neither it nor the template says so."""
    command = password_option(_text_options(command))
    command = click.option(
        "--hidden",
        type=click.Choice(["ask", "include", "skip"]),
        help="Hidden rows and columns of a workbook: stop and say which there are, read them, or leave hidden rows out.  "
        "[default: as the template says, else ask]",
    )(command)
    return click.option(
        "--sheet",
        metavar="NAME",
        help="Sheet of a workbook, or the name of a table or of a range of cells in it; the first sheet if none is named.",
    )(command)


def processes_option(command: _F) -> _F:
    """How many processes check a file."""
    return click.option(
        "--processes",
        type=click.IntRange(min=1),
        metavar="N",
        help="How many processes check a large file.  [default: up to one for each core]",
    )(command)


def reading_of(options: dict[str, Any]) -> Reading:
    """What the options say of the file; they are taken out of *options*."""
    from loader.source.reading import Reading

    return Reading(
        sheet=options.pop("sheet"),
        hidden=options.pop("hidden"),
        password=password_of(options.pop("password_file")),
        **{name: options.pop(name) for name in ("delimiter", "encoding", "member")},
    )


def password_option(command: _F) -> _F:
    """Where the password of a workbook is."""
    return click.option(
        "--password-file",
        type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
        help="File that holds the password of a workbook in its first line, - for standard input; without it you are asked. "
        "A password is never an option's value.",
    )(command)


def password_of(file: Path | None) -> Password:
    """The password of a workbook: from a file, or else asked for at a terminal, and only where a workbook has one."""
    from loader.source.reading import Password

    return Password(lambda: _password_in(file) if file else _asked_password())


def _password_in(file: Path) -> str:
    """The first line of a file; white space belongs to a password."""
    from loader.errors import SettingsError

    try:
        text = sys.stdin.readline() if file == Path("-") else file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"the password file {file} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}",
            hint="name a text file that holds the password and nothing else",
        ) from error
    lines = text.splitlines()
    if not lines or not lines[0]:
        raise SettingsError(f"the password file {file} is empty", hint="its first line is the password")
    return lines[0]


def _asked_password() -> str:
    from loader.errors import UsageError

    if not sys.stdin.isatty():
        raise UsageError(
            "the workbook is protected by a password, and there is no terminal to ask for it",
            hint="name a file that holds the password with --password-file",
        )
    return str(click.prompt("Password of the workbook", hide_input=True, err=True))


def _text_options(command: _F) -> _F:
    """How a text file is to be read, where its bytes do not say it."""
    for name, metavar, help_ in reversed(
        [
            (
                "--delimiter",
                "CHAR",
                "Character between the cells of a text file: itself, or comma, semicolon, tab, pipe.  [default: found out]",
            ),
            (
                "--encoding",
                "NAME",
                "Encoding of a text file, such as cp1252 or utf-16.  [default: UTF-8, else found out and told]",
            ),
            ("--member", "NAME", "File within a .zip; its only text file if none is named."),
        ]
    ):
        command = click.option(name, metavar=metavar, help=help_)(command)
    return command
