"""What all measured commands share: sizes, files, servers, and a folder for what they leave."""

import compileall
import hashlib
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from bench import data, servers
from bench.peers import Peers
from bench.servers import Server

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".bench"


@dataclass(frozen=True, slots=True)
class Sizes:
    """
    How many rows each command is given.

    Peers whose time grows with the rows alone, or faster, are given a part: that is in their favour.
    """

    check: int = 1_000_000
    part: int = 100_000
    workbook: int = 100_000
    submit: int = 50_000
    sending: int = 20_000
    newman: int = 2_000
    naive: int = 2_000
    paced: int = 1_500
    limited: int = 15_000
    report: int = 100_000
    finished: int = 1_000_000


QUICK = Sizes(
    check=50_000, part=10_000, workbook=5_000, submit=3_000, sending=3_000, newman=100, naive=300, paced=600,
    limited=3_000, report=5_000, finished=10_000,
)  # fmt: skip


class Stage:
    """
    Files and servers, made when they are first asked for; use it as a context manager.

    Args:
        sizes: How many rows.
        say: Called with what is being made.
        cache: Folder of what is kept from one time to the next: files, peers.
    """

    def __init__(self, sizes: Sizes, say: Callable[[str], None], cache: Path = CACHE) -> None:
        self.sizes = sizes
        self.say = say
        self.cache = cache
        self.peers = Peers(cache, say)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.cache.mkdir(exist_ok=True)
        # Who installs the program has it compiled, and so has a working copy from its second run on where nothing forbids it.
        compileall.compile_dir(ROOT / "loader", quiet=1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @cached_property
    def scratch(self) -> Path:
        """A folder that goes when all is done, on the same disk as the project: what is durable must cost what it costs."""
        return Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="run-", dir=self.cache)))

    @cached_property
    def at_once(self) -> Server:
        """The server that answers at once."""
        return self._stack.enter_context(servers.at_once(self.scratch / "nginx"))

    @cached_property
    def late(self) -> Server:
        """The server that answers after 50 ms, and counts."""
        return self._stack.enter_context(servers.after(50))

    def portfolio(self, rows: int) -> Path:
        """A portfolio as CSV."""
        return self._file("portfolio", rows, "csv", data.write_portfolio)

    def portfolio_utf16(self, rows: int) -> Path:
        """The same in UTF-16."""
        return self._file(
            "portfolio-utf16", rows, "csv", lambda path, rows: data.write_portfolio(path, rows, "utf-16")
        )

    def portfolio_gzip(self, rows: int) -> Path:
        """The same packed."""
        return self._file("portfolio", rows, "csv.gz", data.write_portfolio)

    def workbook(self, rows: int) -> Path:
        """A portfolio as a workbook."""
        return self._file("portfolio", rows, "xlsx", data.write_workbook)

    def loans(self, rows: int) -> Path:
        """Loans as CSV."""
        return self._file("loans", rows, "csv", data.write_loans)

    def prepared(self, rows: int) -> Path:
        """Loans for peers that cannot map words: LoanPro's own already."""
        return self._file("prepared", rows, "csv", data.write_prepared)

    def fresh(self, name: str) -> Path:
        """An empty folder in `scratch`."""
        folder = self.scratch / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def _file(self, name: str, rows: int, suffix: str, write: Callable[[Path, int], None]) -> Path:
        """A file of this many rows; it is made again when the code that makes it has changed."""
        code = hashlib.blake2b(Path(data.__file__).read_bytes(), digest_size=4).hexdigest()
        folder = self.cache / "data"
        folder.mkdir(exist_ok=True)
        path = folder / f"{name}-{rows}-{code}.{suffix}"
        if not path.is_file():
            self.say(f"making {path.name}")
            half = path.with_name(f"half-made.{suffix}")
            write(half, rows)
            half.replace(path)
        return path
