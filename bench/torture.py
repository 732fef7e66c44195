"""
The promise under torture: two thousand loans with their borrowers, a hundred kills, and a tenant that loses and throttles.

    python bench/torture.py --kills 100 --rows 2000 --seed 1

Every twentieth answer is lost, every twentieth is a 500 (half of them after the commit), three in a hundred connections drop, and
more than 60 requests a second are refused. The tenant would take every request twice (`doubling.yaml`): what is doubled shows.
Exit code 0 if nothing was lost, doubled, reported wrongly or left open.
"""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from portfolio import TEMPLATE, write_portfolio

from loader.cli.rehearse import local_tenant
from loader.models.outcome import Outcome
from loader.opening import Source
from loader.rehearsal import Ordeal, rehearse

FAULTS = "no-d=0.03,html-after=0.02,500=0.05,drop=0.03"
THROTTLE = "60/s"


def main() -> int:
    """Torture, print the report, and say whether the promise held."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--concurrency", type=int, default=32)
    options = parser.parse_args()
    shown = [0]

    def heard(written: int, to_send: int, kills: int) -> None:
        if kills >= shown[0] + 10:
            shown[0] = kills
            print(f"  {written:,} of {to_send:,} requests, {kills} kills", flush=True)

    with TemporaryDirectory(prefix="loader-torture-") as scratch:
        folder = Path(scratch)
        path = write_portfolio(folder / "loans.csv", options.rows, seed=options.seed)
        serve = local_tenant(
            folder / "tenant.sqlite", faults=f"{FAULTS},seed={options.seed}", throttle=THROTTLE
        )
        (folder / "run").mkdir()
        ordeal = Ordeal(options.kills, options.seed, "none", options.concurrency)
        proof = rehearse(Source(path, str(TEMPLATE)), serve, ordeal, folder / "run", heard)
    figures = {
        "rows": proof.rows,
        **{f"  {outcome}": count for outcome, count in proof.outcomes.items() if count},
        "entities created": proof.created,
        "entities expected": 2 * options.rows - options.rows // 9,
        "doubled": proof.doubled,
        "lost": proof.lost,
        "reported wrongly": proof.untrue,
        "sum of outcomes": sum(proof.outcomes.values()),
        "SIGKILLs": proof.kills,
        "starts": proof.starts,
        "requests": proof.requests,
        "most in one second": proof.most_in_one_second,
        **{f"  met by {name}": count for name, count in sorted(proof.faults.items())},
        "seconds": round(proof.seconds),
    }
    for name, figure in figures.items():
        print(f"{name:<24}{figure:>8,}")
    good = proof.holds and proof.outcomes[Outcome.ACCEPTED] == options.rows
    print("the promise held" if good else "THE PROMISE DID NOT HOLD")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
