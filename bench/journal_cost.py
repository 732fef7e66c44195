"""
What the journal costs: requests a second with it, and with a writer that does nothing, in turns.

    python bench/journal_cost.py --rows 6000 --rounds 3

The same command sends the same loans at concurrency 64 to a server on this machine that answers at once. Wanted: at least 85%.
"""

import argparse
import asyncio
import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import wraps
from itertools import count
from multiprocessing import Process, Queue
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import uvloop

import loader.pipeline
from loader.cli.app import run
from loader.journal.writer import Writer

CONCURRENCY = 64
WANTED = 0.85
TEMPLATE = """
template: 1
steps:
  - operation: loans.create
    key: displayId
    fields:
      displayId: Loan No
      LoanSetup.loanClass: {value: loan.class.consumer}
      LoanSetup.loanType: {value: loan.type.installment}
      LoanSetup.loanAmount: {column: Principal, as: money}
      LoanSetup.loanRate: {value: 7.5}
      LoanSetup.loanRateType: {value: loan.rateType.annually}
      LoanSetup.loanTerm: {value: 36}
      LoanSetup.paymentFrequency: {value: loan.frequency.monthly}
      LoanSetup.contractDate: {value: "2024-01-05"}
      LoanSetup.firstPaymentDate: {value: "2024-02-05"}
      LoanSetup.calcType: {value: loan.calcType.simpleInterest}
      LoanSetup.daysInYear: {value: loan.daysInYear.actual}
      LoanSetup.interestApplication: {value: loan.interestApplication.betweenTransactions}
"""


class Trivial(asyncio.Protocol):
    """Answers every request with the next id, as soon as its body is there."""

    ids = count(1)

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.read = b""

    def data_received(self, data: bytes) -> None:
        self.read += data
        while (end := self.read.find(b"\r\n\r\n")) >= 0:
            head = self.read[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self.read) < end + 4 + length:
                return
            self.read = self.read[end + 4 + length :]
            body = b'{"d":{"id":%d}}' % next(self.ids)
            self.transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                % (len(body), body)
            )


def serve(port: "Queue[int]") -> None:
    """Serve until the process is ended."""

    async def forever() -> None:
        server = await asyncio.get_running_loop().create_server(Trivial, "127.0.0.1", 0)
        port.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    uvloop.run(forever())


def send(arguments: list[str], *, journal: bool) -> int:
    """The command itself, in a process of its own; tells how long sending took."""

    async def nothing(*_: object, **__: object) -> None:
        """Record nothing."""

    def timed(inner: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(inner)
        def call(*positional: Any, **named: Any) -> Any:
            started = time.perf_counter()
            result = inner(*positional, **named)
            print(f"seconds={time.perf_counter() - started}", file=sys.stderr)
            return result

        return call

    if not journal:
        Writer.intent = Writer.outcome = nothing  # type: ignore[method-assign,assignment]
    loader.pipeline.send_open_rows = timed(loader.pipeline.send_open_rows)
    return run(arguments)


def one_round(folder: Path, port: int, rows: int, *, journal: bool) -> float:
    """Requests a second of one run."""
    run_dir = folder / f"run-{time.monotonic_ns()}"
    arguments = [
        *("submit", str(folder / "loans.csv"), "-t", str(folder / "loans.yaml"), "--yes", "--json"),
        *("--base-url", f"http://127.0.0.1:{port}/", "--tenant", "1", "--rate", "none"),
        *("--concurrency", str(CONCURRENCY), "--run-dir", str(run_dir)),
    ]
    ended = subprocess.run(
        [sys.executable, __file__, "--child", json.dumps([journal, arguments])],
        env={**os.environ, "LOANPRO_TOKEN": "none"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    told = json.loads(ended.stdout)["outcomes"]
    if told["accepted" if journal else "not_sent"] != rows:
        raise SystemExit(f"not all were sent: {told}\n{ended.stderr}")
    (line,) = (line for line in ended.stderr.splitlines() if line.startswith("seconds="))
    return rows / float(line.removeprefix("seconds="))


def main() -> int:
    """Measure in turns and print the ratio of the medians."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=6_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        journal, arguments = json.loads(options.child)
        return send(arguments, journal=journal)
    port: Queue[int] = Queue()
    server = Process(target=serve, args=(port,), daemon=True)
    server.start()
    with TemporaryDirectory(prefix="loader-journal-", dir=".") as scratch:
        folder = Path(scratch).absolute()
        (folder / "loans.yaml").write_text(TEMPLATE)
        with (folder / "loans.csv").open("w", newline="") as file:
            csv.writer(file).writerows(
                [("Loan No", "Principal"), *((f"L{n:07}", f"{1000 + n}.50") for n in range(options.rows))]
            )
        number = port.get()
        figures: dict[bool, list[float]] = {True: [], False: []}
        for _ in range(options.rounds):
            for journal in (False, True):
                figures[journal].append(one_round(folder, number, options.rows, journal=journal))
    server.terminate()
    with_it, without = median(figures[True]), median(figures[False])
    print(
        f"without the journal     {without:>8,.0f} requests a second   {[round(n) for n in figures[False]]}"
    )
    print(f"with the journal        {with_it:>8,.0f} requests a second   {[round(n) for n in figures[True]]}")
    print(f"share                   {with_it / without:>8.1%}   (wanted: at least 85%)")
    return 0 if with_it >= WANTED * without else 1


if __name__ == "__main__":
    sys.exit(main())
