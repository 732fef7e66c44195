"""Lets `python -m loader` and the console script do the same."""

import gc
import signal
import sys

from loader.errors import INTERRUPTED

_NEW_OBJECTS_BETWEEN_SEARCHES = 1_000_000
"""Loading libraries makes a quarter of a million objects, nearly all of which stay. To look through them for cycles after every 700, as
Python does, takes an eighth of the start of a command."""


def main() -> None:
    """Run the command line and exit with its code."""
    gc.set_threshold(_NEW_OBJECTS_BETWEEN_SEARCHES)
    try:
        from loader.cli.app import run  # noqa: PLC0415  nothing but this runs on import

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # before the first command has begun, or after it has told its end
        code = INTERRUPTED
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # all is done: a late one must not change the exit code
    # Nothing is left that only a collection would close: to look through whole libraries for cycles once more would take a quarter of a second.
    gc.freeze()
    sys.exit(code)


if __name__ == "__main__":
    main()
