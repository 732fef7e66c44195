"""The command group, and the one place where failures become text and exit codes."""

import importlib
import traceback
from collections.abc import Sequence

import rich_click as click
from click.exceptions import Exit

from loader import __version__
from loader.errors import LoaderError

INTERRUPTED = 130
BUG = 70
"""Exit code of a fault of this program (EX_SOFTWARE of sysexits.h)."""

_COMMANDS = {
    "check": "loader.cli.check",
    "submit": "loader.cli.submit",
    "resume": "loader.cli.submit",
    "runs": "loader.cli.runs",
    "report": "loader.cli.runs",
    "template": "loader.cli.template",
    "fields": "loader.cli.fields",
    "sandbox": "loader.cli.sandbox",
}
"""Command to the module that holds it under the same name; loaded when it is asked for."""


class _Commands(click.RichGroup):
    """A group whose commands are imported one by one: `--help` must not wait for any library."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  Click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  Click's signature
        module = _COMMANDS.get(cmd_name)
        if module is None:
            return None
        found: click.Command = getattr(importlib.import_module(module), cmd_name)
        return found


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="loader")
@click.option("--debug", is_flag=True, help="Show the whole traceback of a failure.")
@click.pass_context
def loader(ctx: click.Context, debug: bool) -> None:
    """
    Move a loan portfolio from a spreadsheet onto LoanPro, row by row, with nothing lost and nothing doubled.

    First `loader check` a file, then `loader submit` it; both are safe to try with `--sandbox`.

    Exit codes: 0 all rows accepted; 1 some rows invalid, rejected or held; 2 wrong usage; 3 settings; 4 source; 5 template;
    6 service; 7 journal; 8 report; 9 some outcomes unknown; 130 interrupted.

    Example: `loader submit samples/portfolio.csv -t samples/portfolio.yaml --sandbox`
    """
    ctx.obj = {"debug": debug}


def run(arguments: Sequence[str]) -> int:
    """
    Run one command.

    Returns:
        The exit code.
    """
    try:
        result = loader.main(list(arguments), prog_name="loader", standalone_mode=False)
    except Exit as stopped:
        return stopped.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        _say("stopped by the user; what was recorded before is safe")
        return INTERRUPTED
    except LoaderError as error:
        _show(error, arguments)
        return error.exit_code
    except BrokenPipeError:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  the last resort: no user ever sees a bare traceback
        _show_bug(error, arguments)
        return BUG
    return result if isinstance(result, int) else 0


def _show(error: LoaderError, arguments: Sequence[str]) -> None:
    """Message and hint for a person; with `--json` the same for a machine."""
    if "--json" in arguments:
        import json

        click.echo(json.dumps({"error": error.message, "hint": error.hint, "exit_code": error.exit_code}))
    first, *rest = error.message.splitlines()
    _say("\n".join([f"error: {first}", *(f"       {line}" for line in rest)]))
    if error.hint:
        _say(f"hint:  {error.hint}")
    if "--debug" in arguments:
        traceback.print_exception(error)


def _show_bug(error: Exception, arguments: Sequence[str]) -> None:
    _say(f"error: a fault of loader itself: {type(error).__name__}")
    _say("hint:  what was recorded before is safe; `loader --debug ...` shows the traceback to report")
    if "--debug" in arguments:
        traceback.print_exception(error)


def _say(text: str) -> None:
    click.echo(text, err=True)
