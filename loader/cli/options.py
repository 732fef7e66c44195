"""Options that several commands share, and what they come to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import rich_click as click

if TYPE_CHECKING:
    from datetime import datetime

    from loader.journal.runs import RunHandle
    from loader.settings import Settings
    from loader.submit.pace import Share
    from loader.submit.target import Target

_F = TypeVar("_F", bound=Callable[..., Any])
_SANDBOX_FILE = "sandbox.sqlite"


def bound_options(command: _F) -> _F:
    """How much is sent before the run stops by itself."""
    return click.option(
        "--limit", type=click.IntRange(1), metavar="N", help="A pilot: send only the first N rows."
    )(stop_options(command))


def stop_options(command: _F) -> _F:
    """When a run stops by itself, whatever is left of it."""
    for option in reversed(
        [
            click.option(
                "--until", metavar="HH:MM", help="Stop cleanly at this time of day (this machine's time)."
            ),
            click.option(
                "--max-errors",
                metavar="N",
                help="Stop once more than N requests (or N% of the rows) are refused, held or unknown.",
            ),
        ]
    ):
        command = option(command)
    return command


def run_dir_option(command: _F) -> _F:
    """Where journal and reports lie."""
    return click.option(
        "--run-dir",
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder of the journal and the reports.  [default: loader-runs]",
    )(command)


def json_option(command: _F) -> _F:
    """Machine-readable output."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print the result as JSON on standard output."
    )(command)


def tenant_options(command: _F) -> _F:
    """Which tenant, and how fast."""
    for option in reversed(
        [
            click.option(
                "--base-url", metavar="URL", help="LoanPro's address.  [default: LoanPro's shared host]"
            ),
            click.option("--tenant", metavar="ID", help="Tenant (instance) id; else LOANPRO_TENANT."),
            click.option(
                "--token-file",
                type=click.Path(path_type=Path, dir_okay=False),
                help="File that holds the API token; else LOANPRO_TOKEN. A token is never an option's value.",
            ),
            click.option("--sandbox", is_flag=True, help="Use a local tenant that behaves like LoanPro."),
            click.option(
                "--sandbox-faults",
                metavar="PLAN",
                default="",
                help="Failures of the local tenant on purpose, as in `500-after=0.05,seed=7`.",
            ),
            click.option(
                "--rate",
                multiple=True,
                metavar="N/s",
                help="Requests a second (`5/s`), minute (`200/m`) or hour; several are all kept. `auto` looks for "
                "what the tenant bears, `none` sets no limit.  [default: 5/s]",
            ),
            click.option(
                "--concurrency",
                type=click.IntRange(1, 256),
                metavar="N",
                help="Requests in flight at most, 1 to 256.  [default: 5]",
            ),
            click.option(
                "--timeout", type=float, metavar="SECONDS", help="Wait for an answer.  [default: 60]"
            ),
        ]
    ):
        command = option(command)
    return command


PANELS = {
    "Source": [
        *("--template", "--file", "--sheet", "--hidden", "--password-file"),
        *("--delimiter", "--encoding", "--member", "--processes"),
    ],
    "Tenant": ["--base-url", "--tenant", "--token-file", "--sandbox", "--sandbox-faults"],
    "Pace": ["--rate", "--concurrency", "--timeout"],
    "What is sent": ["--on-invalid", "--retry", "--limit", "--until", "--max-errors", "--yes"],
    "Fields": ["--find"],
    "Output": ["--run-dir", "--keep", "--results", "--rejected", "--format", "--output", "--json"],
}
"""Named groups of options, in the order of the help."""


def in_panels(command: _F) -> _F:
    """Show a command's options in named groups."""
    for name, options in reversed(PANELS.items()):
        command = click.option_panel(name, options=options)(command)
    return command


def settings_of(**options: Any) -> Settings:
    """
    Settings from the options given, the environment and the settings file.

    Raises:
        SettingsError: One of them is wrong.
    """
    from loader.settings import read_settings

    return read_settings(options)


@contextmanager
def chosen_target(settings: Settings, *, sandbox: bool, faults: str = "") -> Iterator[Target]:
    """
    The tenant that the options name; a sandbox lives as long as the block.

    Raises:
        SettingsError: Token, tenant id, address or rate are missing or wrong.
        ServiceError: The sandbox does not start.
    """
    from loader.submit.client import Address

    pace = _pace(settings)
    if not sandbox:
        address = Address.checked(settings.base_url, settings.tenant_id(), settings.token_text())
        yield _target(settings, address, address.host, pace)
        return
    from loader.sandbox.process import SandboxProcess

    _make_run_dir(settings.run_dir)
    with SandboxProcess(settings.run_dir / _SANDBOX_FILE, faults=faults) as process:
        address = Address.checked(process.base_url, process.tenant, process.token)
        yield _target(settings, address, "sandbox", pace)


def _make_run_dir(run_dir: Path) -> None:
    """The sandbox needs the folder before the journal does."""
    from loader.errors import JournalError

    try:
        run_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise JournalError(
            f"the run directory {run_dir} cannot be made: {error.strerror}",
            hint="choose another folder with --run-dir",
        ) from error


def _target(settings: Settings, address: Any, host: str, pace: Any) -> Target:
    from loader.submit.target import Target

    return Target(address, host, pace, ", ".join(settings.rates))


def _pace(settings: Settings) -> Any:
    from loader.errors import SettingsError
    from loader.submit.pace import Pace
    from loader.submit.rate import Rate

    try:
        rates = tuple(Rate.parse(text) for text in settings.rates if text not in {"none", "auto"})
    except ValueError as error:
        raise SettingsError(str(error), hint="--rate, LOADER_RATE or `rates` in loader.toml") from error
    return Pace(
        rates,
        settings.concurrency,
        settings.timeout_s,
        auto="auto" in settings.rates,
        settle_after_s=settings.settle_after_s,
    )


def bounded(target: Target, until: str | None, max_errors: str | None) -> Target:
    """
    The target with the bounds that the user set.

    Raises:
        UsageError: A bound cannot be read.
    """
    from dataclasses import replace

    pace = replace(target.pace, until=_next(until) if until else None, max_refused=_most(max_errors))
    return replace(target, pace=pace)


def _next(time_of_day: str) -> datetime:
    """The next moment at which this machine's clock shows a time of day."""
    from datetime import datetime, timedelta

    from loader.errors import UsageError

    try:
        wanted = datetime.strptime(time_of_day, "%H:%M").time()  # noqa: DTZ007  a time of day, in local time
    except ValueError as error:
        raise UsageError(
            f"--until {time_of_day} is no time of day", hint="write it as 05:30 or 17:00"
        ) from error
    now = datetime.now().astimezone()
    moment = now.replace(hour=wanted.hour, minute=wanted.minute, second=0, microsecond=0)
    return moment if moment > now else moment + timedelta(days=1)


def _most(errors: str | None) -> Share | None:
    from loader.errors import UsageError
    from loader.submit.pace import Share

    if errors is None:
        return None
    try:
        return Share.parse(errors)
    except ValueError as error:
        raise UsageError(
            f"--max-errors: {error}", hint="write a count such as 20, or a share such as 5%"
        ) from error


def made_for_sandbox(run: RunHandle) -> bool:
    """True for a run that was sent to the embedded sandbox."""
    return run.record.host == "sandbox"
