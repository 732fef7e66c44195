"""
How exactly a pace is kept, as counted at the tenant.

    python bench/pace.py --rate 50 --rows 900

The tenant answers after 20 to 200 ms and refuses what exceeds the very rate that is asked for, in any window of one second.
Wanted: 97 to 100% of the rate, no window above it, no refusal (429).
"""

import argparse
import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from portfolio import TEMPLATE, write_portfolio

from loader.sandbox.process import SandboxProcess

LOWEST, HIGHEST = 0.97, 1.0


def main() -> int:
    """Submit at the rate and print what the tenant saw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rate", type=int, default=50)
    parser.add_argument("--rows", type=int, default=900)
    parser.add_argument("--concurrency", type=int, default=32)
    options = parser.parse_args()
    with TemporaryDirectory(prefix="loader-pace-") as scratch:
        folder = Path(scratch)
        path = write_portfolio(folder / "loans.csv", options.rows)
        template = (
            folder / "loans.yaml"
        )  # LoanPro warns of doubles, so that nothing is looked up: each request is a step's
        lines = TEMPLATE.read_text("utf-8").splitlines(keepends=True)
        template.write_text("".join(line for line in lines if "__ignoreWarnings" not in line), "utf-8")
        with SandboxProcess(
            folder / "tenant.sqlite", throttle=f"{options.rate}/s", latency="20-200ms"
        ) as tenant:
            at = ["--base-url", tenant.base_url, "--tenant", tenant.tenant]
            pace = ["--rate", f"{options.rate}/s", "--concurrency", str(options.concurrency)]
            run_loader(folder, tenant.token, "submit", path, "-t", template, *at, *pace, "--yes")
            run_loader(folder, tenant.token, "report", "--format", "json", "--output", folder / "all.json")
            counts = tenant.counts()
        steps = [
            step for row in json.loads((folder / "all.json").read_text())["rows"] for step in row["steps"]
        ]
    sent = sorted(datetime.fromisoformat(step["sent_at"]) for step in steps if step["sent_at"])
    seconds = (sent[-1] - sent[0]).total_seconds()
    share = (len(sent) - 1) / seconds / options.rate
    refused = counts["answers"].get("429", 0)
    print(f"requests                {len(sent):>8,} in {seconds:.1f} s")
    print(
        f"pace                    {(len(sent) - 1) / seconds:>8.2f} of {options.rate} a second: {share:.1%}"
    )
    print(f"most in one second      {counts['most_in_one_second']:>8}")
    print(f"refused (429)           {refused:>8}")
    good = LOWEST <= share <= HIGHEST and counts["most_in_one_second"] <= options.rate and not refused
    print("kept" if good else "NOT KEPT")
    return 0 if good else 1


def run_loader(folder: Path, token: str, *arguments: object) -> None:
    """Run a command; its failure is ours."""
    command = [sys.executable, "-m", "loader", *map(str, arguments), "--run-dir", str(folder / "runs")]
    subprocess.run(command, env={**os.environ, "LOANPRO_TOKEN": token}, check=True, capture_output=True)


if __name__ == "__main__":
    sys.exit(main())
