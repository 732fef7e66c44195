"""The tables that are printed, and the same as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.figures import Bound, Judged, Taken
from bench.stage import Sizes

_UNITS: Mapping[str, tuple[float, str]] = {
    "rows_per_s": (1, "rows/s"),
    "requests_per_s": (1, "requests/s"),
    "cpu_us": (1, "us"),
    "peak_mb": (1, "MB"),
    "journal_bytes": (1, "bytes"),
    "core_share": (100, "%"),
    "seconds": (1, "s"),
    "known_s": (1, "s"),
    "work_s": (1, "s"),
    "refused": (1, "refused"),
    "cpu_s": (1, "s"),
}
_THREE_DIGITS = 100
_MET = {True: "yes", False: "NO", None: "-"}


def amount(value: float | None, reading: str) -> str:
    """A reading with its unit, three digits of it at least; "" for None."""
    if value is None:
        return ""
    factor, unit = _UNITS[reading]
    value *= factor
    if unit == "s" and value < 1:
        value, unit = value * 1000, "ms"
    return f"{_digits(value)} {unit}"


def ratio(value: float | None) -> str:
    """A ratio, "" for None."""
    return "" if value is None else f"{_digits(value)} x"


def wanted(judged: Judged) -> str:
    """A bound in words, "" where there is none."""
    bound: Bound | None = judged.figure.bound
    if bound is None:
        return ""
    number = ratio(bound.number) if judged.figure.beside else amount(bound.number, judged.figure.reading)
    return f"{'>=' if bound.at_least else '<='} {number}"


def print_tables(
    console: Console, judged: Sequence[Judged], taken: Mapping[str, Taken], about: Mapping[str, Any]
) -> None:
    """Print what is wanted and what is, every command that was measured, and the versions."""
    table = Table("What", "Wanted", title="Medians of the rounds", title_justify="left")
    for heading in ("Ours", "Beside it", "Ratio", "by processor time"):
        table.add_column(heading, justify="right")
    table.add_column("Met")
    group = ""
    for one in judged:
        figure = one.figure
        if group not in {"", figure.group} and figure.what[0] != " ":
            table.add_section()
        group = figure.group
        beside = amount(one.beside, figure.beside_reading or figure.reading) if figure.beside else ""
        cells = (amount(one.ours, figure.reading), beside, ratio(one.ratio), ratio(one.worked), _MET[one.met])
        table.add_row(figure.what, wanted(one), *cells)
        if one.why:
            table.add_row(f"    {one.why}")
    console.print(table)
    commands = Table("Command", title="Every command, as it was measured", title_justify="left")
    for heading in ("Seconds", "from", "to", "Processor s", "Memory", "Rounds"):
        commands.add_column(heading, justify="right")
    for name, of in taken.items():
        if of.readings and "seconds" in of.readings[0]:
            seconds = sorted(taken["seconds"] for taken in of.readings)
            shown = [
                *(
                    f"{value:.2f}"
                    for value in (of.median("seconds"), seconds[0], seconds[-1])
                    if value is not None
                )
            ]
            cpu_s, memory = of.median("cpu_s"), amount(of.median("peak_mb"), "peak_mb")
            commands.add_row(name, *shown, f"{cpu_s:.2f}", memory, str(len(seconds)))
    console.print(commands)
    for name, value in about.items():
        text = (
            ", ".join(f"{key} {version}" for key, version in value.items())
            if isinstance(value, dict)
            else value
        )
        console.print(f"{name}: {text}", soft_wrap=True)


def as_json(
    judged: Sequence[Judged], taken: Mapping[str, Taken], sizes: Sizes, about: Mapping[str, Any]
) -> str:
    """All of it: figures, every reading of every round, sizes, versions."""
    figures = [
        {
            "group": one.figure.group,
            "what": one.figure.what.strip(),
            "case": one.figure.case,
            "reading": one.figure.reading,
            "wanted": wanted(one),
            "ours": one.ours,
            "beside": one.figure.beside or None,
            "beside_value": one.beside,
            "ratio": one.ratio,
            "ratio_by_processor_time": one.worked,
            "met": one.met,
            "why": one.why,
        }
        for one in judged
    ]
    return json.dumps(
        {**about, "rows": asdict(sizes), "figures": figures, "cases": {name: asdict(of) for name, of in taken.items()}},
        indent=1,
    )  # fmt: skip


def _digits(value: float) -> str:
    return f"{value:,.0f}" if value >= _THREE_DIGITS else f"{value:.3g}"
