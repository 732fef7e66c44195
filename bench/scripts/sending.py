"""
The command `loader`, which tells on standard error how long sending took; with `off` its journal of requests records nothing.

    python bench/scripts/sending.py on submit FILE -t TEMPLATE ...
"""

import sys
import time
from typing import Any

import loader.submit.rows
from loader.cli.app import run
from loader.journal.writer import Writer


async def nothing(*_: object, **__: object) -> None:
    """Record nothing."""


def main() -> int:
    """Run the command."""
    journal, *arguments = sys.argv[1:]
    if journal == "off":
        Writer.intent = Writer.outcome = nothing  # type: ignore[method-assign,assignment]
    send = loader.submit.rows.send_open_rows

    def timed(*positional: Any, **named: Any) -> Any:
        began, worked = time.perf_counter(), time.process_time()
        result = send(*positional, **named)
        print(f"sending={time.perf_counter() - began} {time.process_time() - worked}", file=sys.stderr)
        return result

    loader.submit.rows.send_open_rows = timed
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
