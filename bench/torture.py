"""
The promise under torture: a hundred kills over two thousand loans with their borrowers, then twenty over three hundred payments.

    python -m bench.torture                               # both
    python -m bench.torture loans --kills 100 --rows 2000 --seed 1
    python -m bench.torture payments --kills 20 --rows 300

Every twentieth answer is lost, every twentieth is a 500 (half of them after the commit), three in a hundred connections drop, and
more than 60 requests a second are refused. The tenant takes every request twice, payments as LoanPro does and loans by
`doubling.yaml`: what is doubled shows. Exit code 0 if nothing was lost, doubled, misplaced, reported wrongly or left open.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.portfolio import TEMPLATE, write_payments, write_portfolio
from loader.cli.rehearse import local_tenant
from loader.models.outcome import Outcome
from loader.opening import Source
from loader.rehearsal.ordeal import Ordeal
from loader.rehearsal.rehearse import Rehearsed, rehearse

FAULTS = "no-d=0.03,html-after=0.02,500=0.05,drop=0.03"
THROTTLE = "60/s"


@dataclass(frozen=True)
class Torture:
    """
    One kind of file.

    Attributes:
        write: Writes it: path, rows, seed.
        template: Its template.
        rows: So many where nothing else is said.
        kills: The same.
        expected: Entities that so many rows make.
    """

    write: Callable[..., Path]
    template: str
    rows: int
    kills: int
    expected: Callable[[int], int]


TORTURES = {
    "loans": Torture(write_portfolio, str(TEMPLATE), 2_000, 100, lambda rows: 2 * rows - rows // 9),
    "payments": Torture(write_payments, "payments", 300, 20, lambda rows: rows),
}


def main() -> int:
    """Torture, print the reports, and say whether the promise held."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="?", choices=TORTURES, help="both where none is named")
    parser.add_argument("--rows", type=int)
    parser.add_argument("--kills", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--concurrency", type=int, default=32)
    options = parser.parse_args()
    held = [tortured(name, options) for name in ([options.what] if options.what else TORTURES)]
    print("the promise held" if all(held) else "THE PROMISE DID NOT HOLD")
    return 0 if all(held) else 1


def tortured(name: str, options: argparse.Namespace) -> bool:
    """Torture one kind of file, print the report, and say whether the promise held."""
    torture = TORTURES[name]
    rows = torture.rows if options.rows is None else options.rows
    kills = torture.kills if options.kills is None else options.kills
    print(f"{name}: {rows:,} rows, {kills} kills", flush=True)
    with TemporaryDirectory(prefix="loader-torture-") as scratch:
        folder = Path(scratch)
        path = torture.write(folder / f"{name}.csv", rows, seed=options.seed)
        serve = local_tenant(
            folder / "tenant.sqlite", faults=f"{FAULTS},seed={options.seed}", throttle=THROTTLE
        )
        (folder / "run").mkdir()
        ordeal = Ordeal(kills, options.seed, "none", options.concurrency)
        done = rehearse(Source(path, torture.template), serve, ordeal, folder / "run", told_of(kills))
    expected = torture.expected(rows)
    report(done, expected)
    outcomes, proof = done.proof.outcomes, done.proof
    counted = (outcomes[Outcome.ACCEPTED], sum(outcomes.values()), proof.created) == (rows, rows, expected)
    return proof.holds and counted


def told_of(kills: int) -> Callable[[int, int, int], None]:
    """Prints how far it is, some ten times in all."""
    shown = [0]

    def heard(written: int, to_send: int, killed: int) -> None:
        if killed >= shown[0] + max(1, kills // 10):
            shown[0] = killed
            print(f"  {written:,} requests sent for {to_send:,}, {killed} kills", flush=True)

    return heard


def report(done: Rehearsed, expected: int) -> None:
    """Print the figures."""
    proof = done.proof
    figures = {
        "rows": proof.rows,
        **{f"  {outcome}": count for outcome, count in proof.outcomes.items() if count},
        "there beforehand": proof.beforehand,
        "entities created": proof.created,
        "entities expected": expected,
        "doubled": proof.doubled,
        "lost": proof.lost,
        "misplaced or other": proof.wrong,
        "reported wrongly": proof.untrue,
        "sum of outcomes": sum(proof.outcomes.values()),
        "SIGKILLs": done.kills,
        "starts": done.starts,
        "requests": done.requests,
        "most in one second": done.most_in_one_second,
        **{f"  met by {name}": count for name, count in sorted(done.faults.items())},
        "seconds": round(done.seconds),
    }
    for name, figure in figures.items():
        print(f"{name:<24}{figure:>8,}")


if __name__ == "__main__":
    sys.exit(main())
