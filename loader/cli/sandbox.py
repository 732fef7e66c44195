"""`loader sandbox`: a local tenant that behaves like LoanPro."""

import rich_click as click


@click.command()
@click.option("--port", default=8765, show_default=True, help="Port on 127.0.0.1; 0 takes a free one.")
@click.option(
    "--file",
    "file",
    type=click.Path(dir_okay=False),
    default="loader-runs/sandbox.sqlite",
    show_default=True,
    help="Where the tenant lives; made where there is none.",
)
@click.option("--fresh", is_flag=True, help="Begin with an empty tenant: the file is deleted first.")
@click.option(
    "--faults",
    default="",
    metavar="PLAN",
    help="Failures on purpose, as in 500-after=0.05,drop=0.03,seed=7.",
)
@click.option("--throttle", default="", metavar="RATE", help="Refuse more than this with 429, as in 50/s.")
@click.option("--latency", default="", metavar="RANGE", help="Delay every answer, as in 20-200ms.")
@click.option(
    "--search-lag", default=0.0, metavar="SECONDS", help="Hide new records from searches for so long."
)
def sandbox(
    port: int, file: str, fresh: bool, faults: str, throttle: str, latency: str, search_lag: float
) -> None:
    """
    Serve a local tenant that answers like LoanPro, with made-up failures if wanted.

    It listens on this machine alone and keeps its records in one file.

    Example:
        loader sandbox --port 8765 --faults "drop-after=0.05,seed=7"
    """
    from pathlib import Path

    from loader.sandbox.faults import FaultPlan
    from loader.sandbox.limits import Limits
    from loader.sandbox.serving import Serving, serve
    from loader.sandbox.store import remove

    serving = Serving(
        file=Path(file),
        port=port,
        faults=FaultPlan.parse(faults),
        limits=Limits.parse(throttle=throttle, latency=latency, search_lag_s=search_lag),
    )
    if fresh:
        remove(serving.file)
    serve(serving)
