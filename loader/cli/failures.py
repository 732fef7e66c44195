"""Failures become text, JSON and exit codes here, and nowhere else."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Sequence
from typing import NamedTuple

import rich_click as click
from click.exceptions import MissingParameter, NoArgsIsHelpError

from loader.errors import INTERRUPTED, LoaderError

BUG = 70
"""Exit code of a fault of this program (EX_SOFTWARE of sysexits.h)."""


class Failure(NamedTuple):
    """What is told of a failure, to a person and to a program alike."""

    error: str
    hint: str
    exit_code: int


def failure_of(error: BaseException) -> Failure:
    """What to tell of an exception; whatever is unknown here is a fault of this program."""
    match error:
        case LoaderError():
            return Failure(error.message, error.hint, error.exit_code)
        case click.ClickException():
            return Failure(*_usage(error), error.exit_code)
        case click.Abort() | KeyboardInterrupt():
            return Failure(
                "stopped by the user",
                "what was recorded before is safe; `loader runs` lists the runs, `loader resume` carries on "
                "with one that had begun to send",
                INTERRUPTED,
            )
        case _:
            return Failure(
                f"a fault of loader itself: {type(error).__name__}",
                "what was recorded before is safe; the same command with --debug shows the traceback to report",
                BUG,
            )


def tell(error: BaseException, arguments: Sequence[str]) -> int:
    """
    Tell of a failure on standard error, and with `--json` on standard output too.

    Returns:
        The exit code.
    """
    if isinstance(error, NoArgsIsHelpError):
        error.show()
        return error.exit_code
    failure = failure_of(error)
    if "--json" in arguments:
        click.echo(json.dumps(failure._asdict()))
    first, *rest = failure.error.splitlines() or [""]
    say("\n".join([f"error: {first}", *(f"       {line}" for line in rest)]))
    if failure.hint:
        say(f"hint:  {failure.hint}")
    if "--debug" in arguments and not isinstance(error, click.ClickException | click.Abort):
        _trace(error)
    return failure.exit_code


def say(text: str) -> None:
    """Print one line of talk."""
    click.echo(text, err=True)


def _usage(error: click.ClickException) -> tuple[str, str]:
    """Click's words in our form: no capital, no final stop, and where the way out is."""
    message = error.format_message().strip().removesuffix(".")
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "loader"
    if isinstance(error, MissingParameter) and isinstance(error.param, click.Option) and error.param.help:
        hint = f"{error.param.help.partition('  [')[0].rstrip('.')}; see `{path} --help`"
    else:
        hint = f"see `{path} --help`"
    return message[:1].lower() + message[1:], hint


def _trace(error: BaseException) -> None:
    """The traceback, with what looks like personal data or a credential hidden: it is made to be sent to others."""
    from loader.masking import masked_text

    sys.stderr.write(masked_text("".join(traceback.format_exception(error))))
