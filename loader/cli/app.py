"""The command group, and what surrounds every command: help, `--debug`, signals, failures."""

import difflib
import importlib
from collections.abc import Sequence
from types import FrameType

import rich_click as click
from click.exceptions import Exit

from loader import __version__
from loader.cli.failures import tell
from loader.errors import UsageError
from loader.signals import heard_by, interruptions_kept

_COMMANDS = {
    "check": "loader.cli.check",
    "submit": "loader.cli.submit",
    "resume": "loader.cli.submit",
    "runs": "loader.cli.runs",
    "report": "loader.cli.runs",
    "undo": "loader.cli.undo",
    "template": "loader.cli.template",
    "fields": "loader.cli.fields",
    "sandbox": "loader.cli.sandbox",
    "rehearse": "loader.cli.rehearse",
}
"""Command to the module that holds it under the same name; loaded when it is asked for."""

_HELP = click.RichHelpConfiguration(
    text_paragraph_linebreaks="\n\n", padding_helptext_first_line=(0, 0, 1, 0), max_width=100
)


class _Commands(click.RichGroup):
    """A group whose commands are imported one by one: `--help` must not wait for any library."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  Click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  Click's signature
        module = _COMMANDS.get(cmd_name)
        if module is None:
            return None
        found: click.Command = getattr(importlib.import_module(module), cmd_name)
        _add_debug(found)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in _COMMANDS and not name.startswith("-"):
            near = difflib.get_close_matches(name, _COMMANDS, n=1)
            raise UsageError(
                f"there is no command {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""),
                hint=f"the commands are {', '.join(_COMMANDS)}",
            )
        return super().resolve_command(ctx, args)


def _add_debug(command: click.Command) -> None:
    """`--debug` is taken before and after the name of a command: after a failure one adds it at the end."""
    for inner in command.commands.values() if isinstance(command, click.Group) else [command]:
        if not any(parameter.name == "debug" for parameter in inner.params):
            inner.params.append(
                click.Option(
                    ["--debug"], is_flag=True, expose_value=False, help="Show a failure's traceback."
                )
            )


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "rich_help_config": _HELP}
)
@click.version_option(__version__, prog_name="loader")
@click.option("--debug", is_flag=True, expose_value=False, help="Show the whole traceback of a failure.")
def loader() -> None:
    """
    Move a loan portfolio from a spreadsheet onto LoanPro, row by row, with nothing lost and nothing doubled.

    First `loader check` a file, then `loader submit` it; try both with `--sandbox`, which needs no LoanPro.

    Exit codes: 0 all rows accepted; 1 some rows invalid, rejected or held; 2 wrong usage; 3 settings; 4 source; 5 template;
    6 service; 7 journal; 8 report; 9 some outcomes unknown; 130 interrupted.

    Example:
        loader submit samples/portfolio.csv -t portfolio --sandbox
    """


def run(arguments: Sequence[str]) -> int:
    """
    Run one command.

    Returns:
        The exit code.
    """
    stop = _Stop()
    try:
        with interruptions_kept(), heard_by(stop.heed):
            result = loader.main(list(arguments), prog_name="loader", standalone_mode=False)
    except Exit as stopped:
        return stopped.exit_code
    except KeyboardInterrupt as stopped:
        return tell(stopped, arguments)
    except Exception as error:  # noqa: BLE001  the last resort: no user ever sees a bare traceback
        return tell(KeyboardInterrupt() if stop.asked else error, arguments)
    return result if isinstance(result, int) else 0


class _Stop:
    """
    Ctrl-C and SIGTERM end a command alike, so that scratch files go; while it sends, it drains by handlers of its own.

    A library may make an error of its own out of the interruption: what was asked for is remembered.
    """

    def __init__(self) -> None:
        self.asked = False

    def heed(self, _number: int, _frame: FrameType | None) -> None:
        """
        Take a signal.

        Raises:
            KeyboardInterrupt: Always.
        """
        self.asked = True
        raise KeyboardInterrupt
