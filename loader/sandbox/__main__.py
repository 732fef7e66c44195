"""`python -m loader.sandbox`: a tenant in a process of its own; see `process`."""

import argparse
import os
import sys
from pathlib import Path

from loader.errors import LoaderError
from loader.sandbox.faults import FaultPlan
from loader.sandbox.limits import Limits
from loader.sandbox.serving import DEFAULT_TOKEN, TOKEN_VARIABLE, Serving, serve


def main() -> int:
    """Serve as the arguments say; the exit code is 0, or that of the failure."""
    parser = argparse.ArgumentParser(
        prog="python -m loader.sandbox", description="Serve a local LoanPro tenant."
    )
    parser.add_argument("--file", type=Path, required=True, help="the tenant's SQLite file")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1, 0 for a free one")
    parser.add_argument("--faults", default="", help="such as 500-after=0.05,seed=7")
    parser.add_argument("--throttle", default="", help="such as 50/s")
    parser.add_argument("--retry-after", default="seconds", choices=["seconds", "date"])
    parser.add_argument("--latency", default="", help="such as 20-200ms")
    parser.add_argument("--search-lag", type=float, default=0.0, help="seconds")
    parser.add_argument("--parent-pipe", action="store_true", help="end when standard input ends")
    options = parser.parse_args()
    try:
        serve(
            Serving(
                file=options.file,
                port=options.port,
                token=os.environ.get(TOKEN_VARIABLE, DEFAULT_TOKEN),
                faults=FaultPlan.parse(options.faults),
                limits=Limits.parse(
                    throttle=options.throttle,
                    latency=options.latency,
                    search_lag_s=options.search_lag,
                    retry_after=options.retry_after,
                ),
                parent_pipe=options.parent_pipe,
                as_json=True,
            )
        )
    except LoaderError as error:
        sys.stderr.write(f"error: {error.message}\n" + (f"hint:  {error.hint}\n" if error.hint else ""))
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
