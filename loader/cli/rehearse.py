"""`loader rehearse`: prove on the user's own file that nothing is lost and nothing doubled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from loader.cli.options import in_panels, json_option
from loader.cli.reading_options import reading_of, source_options
from loader.scratch import ScratchFolder

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from loader.rehearsal.rehearse import Rehearsed
    from loader.rehearsal.tenant import Entity, Serve
    from loader.sandbox.process import SandboxProcess

DEFAULT_FAULTS = "500=0.05,drop=0.03,html=0.01,no-d=0.02,429=0.03"
_TENANT_FILE = "tenant.sqlite"
_WRITING = ("POST ", "PUT ")


@click.command()
@source_options
@click.option(
    "--kills",
    type=click.IntRange(0, 1000),
    default=5,
    show_default=True,
    metavar="N",
    help="Kill the sending process so often.",
)
@click.option(
    "--faults",
    metavar="PLAN",
    default=DEFAULT_FAULTS,
    show_default=True,
    help="Failures of the local tenant, as `loader sandbox` takes them.",
)
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    metavar="N",
    help="Another number: other moments and failures.",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Leave journal, reports and tenant there; they hold your data. Else nothing is left.",
)
@json_option
@click.option_panel("What goes wrong", options=["--kills", "--faults", "--seed"])
@in_panels
def rehearse(
    file: Path,
    template: str,
    kills: int,
    faults: str,
    seed: int,
    keep: Path | None,
    as_json: bool,
    **options: Any,
) -> int:
    """
    Submit FILE to a local tenant that fails, kill the sender again and again, and count what is there.

    Nothing leaves this machine. What the file links to and does not make, such as the loans of payments, is taken to be there
    before; nothing else of your own tenant is known to the local one. Exit code 0 if every row has its one true outcome, nothing
    is lost, doubled or in a wrong place; else 1.

    Example:
        loader rehearse samples/portfolio.csv -t portfolio --kills 3
    """
    from rich.console import Console

    from loader.opening import Source, at_hand
    from loader.rehearsal.ordeal import Ordeal
    from loader.rehearsal.rehearse import rehearse as rehearse_file

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    with (
        at_hand(Source(file, template, reading_of(options))) as source,
        _folder(keep) as folder,
        _shown(console) as heard,
    ):
        serve = local_tenant(folder / _TENANT_FILE, faults=f"{faults},seed={seed}" if faults else "")
        done = rehearse_file(source, serve, Ordeal(kills, seed), folder, heard)
    console.print(_table(done))
    if keep is not None:
        console.print(f"kept everything in {keep}", markup=False)
    if as_json:
        from loader.report.plain import json_text

        click.echo(json_text(done.as_json()))
    return 0 if done.proof.holds else 1


class LocalTenant:
    """
    A sandbox as `rehearsal.Tenant`.

    Args:
        process: The sandbox, running.
    """

    def __init__(self, process: SandboxProcess) -> None:
        self._process = process
        self.base_url, self.tenant, self.token = process.base_url, process.tenant, process.token

    def written(self) -> int:
        """How many requests that create something have arrived so far."""
        requests: Mapping[str, int] = self._process.counts()["requests"]
        return sum(n for what, n in requests.items() if what.startswith(_WRITING) and "Search" not in what)

    def counts(self) -> Mapping[str, Any]:
        """What it has seen."""
        return self._process.counts()

    def held(self, group: str) -> Iterator[Entity]:
        """Every entity of a group, from the tenant's file."""
        from loader.rehearsal.tenant import Entity
        from loader.sandbox.inventory import inventory

        for parent_id, fields in inventory(self._process.file, group):
            yield Entity(int(fields["id"]), parent_id, fields)


def local_tenant(file: Path, **options: Any) -> Serve:
    """A sandbox in a file of its own, with the options of `SandboxProcess`."""

    @contextmanager
    def serve(beforehand: Iterable[tuple[str, str]]) -> Iterator[LocalTenant]:
        from loader.sandbox.process import SandboxProcess
        from loader.sandbox.seeding import seed

        process = SandboxProcess(file, **options)
        seed(file, beforehand)
        with process:
            yield LocalTenant(process)

    return serve


def _folder(keep: Path | None) -> AbstractContextManager[Path]:
    if keep is None:
        return _temporary()
    return _kept(keep)


@contextmanager
def _temporary() -> Iterator[Path]:
    with ScratchFolder("rehearsal") as folder:
        yield Path(folder)


@contextmanager
def _kept(folder: Path) -> Iterator[Path]:
    from loader.errors import UsageError

    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        empty = not any(folder.iterdir())
    except OSError as error:
        raise UsageError(
            f"the folder {folder} cannot be used: {error.strerror}", hint="name another --keep"
        ) from error
    if not empty:
        raise UsageError(f"the folder {folder} is not empty", hint="name a new folder with --keep")
    yield folder.absolute()


@contextmanager
def _shown(console: Console) -> Iterator[Any]:
    """Shows how far it is, once it is known how much there is to do."""
    from loader.cli.progress import Progress

    progress: list[Progress] = []

    def heard(written: int, to_send: int, kills: int) -> None:
        if to_send and not progress:
            progress.append(Progress(console, "rehearsing", to_send, live=console.is_terminal))
        if progress:
            progress[0].show(min(written, to_send), lambda: f"killed {kills}")

    try:
        yield heard
    finally:
        for shown in progress:
            shown.close()


def _table(done: Rehearsed) -> Table:
    from rich import box
    from rich.table import Table

    from loader.report.summary import label

    proof = done.proof
    before = (("taken to be there before", proof.beforehand),) if proof.beforehand else ()
    table = Table(title="Rehearsal", title_justify="left", box=box.SIMPLE_HEAD, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, count in (
        ("rows", proof.rows),
        *((f"  {label(outcome)}", count) for outcome, count in proof.outcomes.items() if count),
        *before,
        ("created at the tenant", proof.created),
        ("doubled", proof.doubled),
        ("lost", proof.lost),
        ("in a wrong place, or with other values", proof.wrong),
        ("reported wrongly", proof.untrue),
        ("sender killed", done.kills),
        ("requests", done.requests),
        *((f"  met by {name}", count) for name, count in sorted(done.faults.items())),
    ):
        table.add_row(name, f"{count:,}")
    table.add_row("seconds", f"{done.seconds:.0f}")
    return table
