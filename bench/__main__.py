"""
Measures loader, what people would use instead, and what bounds everybody, in turns in one run.

    python -m bench                        everything, five rounds
    python -m bench --quick                the same on small files, two rounds: whether the suite works, not how fast loader is
    python -m bench --only check memory    some of the figures: check, memory, dialects, workbook, submit, journal, pace, report, resume, start
    python -m bench --json figures.json    all readings as JSON too

Exit code 1 where a figure is not met or a command failed; a run that is interrupted shows what it has. Read bench/README.md before you believe a figure.
"""

import argparse
import signal
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench.figures import CASES, LIMITS, Figure, Taken, figures, judge
from bench.measure import MEMORY_IS, FailedError
from bench.peers import MissingError, machine, versions
from bench.stage import QUICK, Sizes, Stage
from bench.table import as_json, print_tables

ROUNDS = 5
QUICK_ROUNDS = 2
INTERRUPTED = 130


def main() -> int:
    """Measure and print."""
    every = figures(Sizes())
    parser = argparse.ArgumentParser(
        prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument(
        "--only", nargs="+", choices=sorted({figure.group for figure in every}), metavar="FIGURES"
    )
    parser.add_argument("--without", nargs="+", choices=sorted(CASES), metavar="COMMAND", default=[])
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--json", type=Path, metavar="PATH")
    asked = parser.parse_args()
    sizes = QUICK if asked.quick else Sizes()
    rounds = asked.rounds or (QUICK_ROUNDS if asked.quick else ROUNDS)
    wanted = [one for one in figures(sizes) if not asked.only or one.group in asked.only]
    signal.signal(
        signal.SIGTERM, signal.default_int_handler
    )  # the servers end too, and what was measured is shown
    talk = Console(stderr=True, highlight=False, soft_wrap=True)
    began = datetime.now(UTC)
    taken, stopped = to_take(wanted, asked.without), False
    with Stage(sizes, talk.print) as stage:
        try:
            take(stage, taken, rounds, talk)
        except KeyboardInterrupt:
            stopped = True
        about = {
            "measured": f"{began:%Y-%m-%d %H:%M} UTC, {rounds} rounds, {(datetime.now(UTC) - began).seconds // 60} minutes",
            "machine": machine(),
            "memory is": MEMORY_IS,
            "versions": versions(stage.at_once.name),
        }
    taken |= {name: Taken([{"requests_per_s": rate}]) for name, rate in LIMITS.items()}
    judged = [judge(figure, taken) for figure in wanted]
    print_tables(Console(width=150, highlight=False), judged, taken, about)
    if asked.quick:
        print("QUICK: small files and few rounds. What is wanted is wanted of the whole run.")
    if asked.json:
        asked.json.write_text(as_json(judged, taken, sizes, about), encoding="utf-8")
    if stopped:
        print("STOPPED before the last round: the medians are of what was measured until then.")
        return INTERRUPTED
    return int(any(one.met is False for one in judged) or any(of.failed for of in taken.values()))


def to_take(wanted: Sequence[Figure], without: Sequence[str]) -> dict[str, Taken]:
    """Every command that the figures need, in their order, with nothing measured yet."""
    needed = dict.fromkeys(name for figure in wanted for name in figure.cases)
    return {name: Taken(missing="left out (--without)" if name in without else "") for name in needed}


def take(stage: Stage, taken: Mapping[str, Taken], rounds: int, talk: Console) -> None:
    """
    Run every command, one after the other, as many rounds as asked for.

    What is not there, or fails, is run no more, and its reason is kept.
    """
    for number in range(1, rounds + 1):
        for name, of in taken.items():
            if of.missing or of.failed:
                continue
            try:
                of.readings.append(CASES[name](stage))
                said = f"{of.readings[-1]['seconds']:.2f} s"
            except MissingError as error:
                of.missing = said = str(error)
            except FailedError as error:
                of.failed = said = str(error)
            talk.print(f"round {number}: {name:<24} {said}", markup=False)


if __name__ == "__main__":
    sys.exit(main())
