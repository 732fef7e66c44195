"""
Leaves a finished run as a process leaves it that is killed right after the last answer: all is recorded, the end is not.

    python bench/scripts/as_killed.py RUN_DIR RUN
"""

import sys
from pathlib import Path

from loader.journal import runs
from loader.journal.schema import RunState
from loader.journal.store import Journal


def main() -> None:
    """Set the run's state back."""
    journal = Journal.in_directory(Path(sys.argv[1]), create=False)
    run = runs.find_run(journal, sys.argv[2])
    assert run is not None
    runs.set_state(journal, run, RunState.SENDING)
    journal.close()


if __name__ == "__main__":
    main()
