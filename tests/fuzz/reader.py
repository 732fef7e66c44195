"""A process that reads files one after another, within bounds of time and memory: what ends it ends no test."""

import multiprocessing
import resource
import sys
import tempfile
import traceback
from contextlib import suppress
from datetime import date
from pathlib import Path

from loader.errors import LoaderError
from loader.inspection.inspect import inspect
from loader.intake.file import Intake
from loader.models.encoding import encode
from loader.source.open import open_table
from loader.source.reading import Reading

SECONDS = 20
MEMORY_BYTES = 3 << 30
"""Of address space; what Python and its libraries reserve at the start is about a third of it."""
TEMPLATE = """
template: 1
steps:
  - operation: loans.create
    key: displayId
    tenant_defaults: true
    fields:
      displayId: [Loan No, Loan]
      title: {column: Name, optional: true}
      LoanSetup.loanAmount: {column: Amount, as: money, optional: true}
      LoanSetup.loanRate: {column: Rate, as: percent, optional: true}
      LoanSetup.contractDate: {column: Date, as: date, optional: true}
      LoanSetup.loanClass: {value: loan.class.consumer}
      LoanSetup.loanType: {value: loan.type.installment}
"""


class Reader:
    """Reads files in a process of its own, which is started again when it has died."""

    def __init__(self):
        self._process = None

    def read(self, name, content, sheet=None):
        """
        What became of the file: "rows" with what would be sent and refused, "refused" with the message, or what must not be.

        That is "crash" with the traceback, "died" with the signal, or "hung".
        """
        if self._process is None or not self._process.is_alive():
            self._start()
        self._pipe.send((name, content, sheet))
        try:
            if self._pipe.poll(SECONDS):
                return self._pipe.recv()
        except EOFError:
            self._process.join()
            return "died", f"signal {-(self._process.exitcode or 0)}"
        self.close()
        return "hung", f"no answer in {SECONDS} s"

    def close(self):
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()

    def _start(self):
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()


def _serve(pipe):
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    sys.stderr.close()
    with tempfile.TemporaryDirectory() as folder, suppress(EOFError, KeyboardInterrupt):
        template = Path(folder, "template.yaml")
        template.write_text(TEMPLATE, encoding="utf-8")
        while True:
            name, content, sheet = pipe.recv()
            path = Path(folder, name)
            path.write_bytes(content)
            pipe.send(_read(path, template, Reading(sheet=sheet, hidden="include")))


def _read(path, template, reading):
    """The file without a template, with one, and only looked at: each must end in a result or in a message."""
    found = []
    for read in (_cells, _requests, _looked_at):
        try:
            found.append(read(path, template, reading))
        except LoaderError as error:
            found.append(f"{error.message} ({error.hint})")
            if not error.message or len(error.message) > 2_000 or "Traceback" in error.message:
                return "crash", f"no message for people: {error.message}"
        except BaseException:  # noqa: BLE001 - whatever else comes out, a dying library included, is what is looked for
            return "crash", traceback.format_exc()
    return ("refused" if isinstance(found[0], str) else "rows"), found[:2]


def _cells(path, template, reading):
    table = open_table(path, reading)
    return [
        (row, cells)
        for batch in table.batches()
        for row, cells in zip(batch.rows, zip(*batch.columns, strict=True), strict=True)
    ]


def _looked_at(path, template, reading):
    return inspect(path, reading, lambda rows: None)


def _requests(path, template, reading):
    intake = Intake.open(path, str(template), reading, today=date(2026, 11, 22))
    return [
        (
            row.ref.row,
            [step.payload and encode(step.payload) for step in row.steps],
            [i.rule for i in row.issues],
        )
        for batch in intake.checked_batches(b"")
        for row in batch.rows()
    ]
