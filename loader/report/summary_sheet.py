"""The first sheet of the results workbook: what a reader must know before the first row."""

from collections.abc import Sequence
from datetime import datetime
from math import ceil
from typing import Any

from loader.journal.records import RunRecord
from loader.models.note import by_column
from loader.models.outcome import Outcome
from loader.report.cells import put
from loader.report.grid import prepare_print
from loader.report.styles import LINE, LINE_POINTS, OUTCOME_COLOURS, Styles
from loader.report.summary import RunSummary, label, mended_words

SHEET = "Summary"
_WIDTHS = (26, 60, 16, 16, 16, 16, 30)
_MESSAGE_WIDTH = sum(_WIDTHS[4:])
_FIRST_OUTCOME = 6  # row of the first outcome, from 0: the chart points at it
_SECONDS_PER_DAY = 86_400


def write_summary_sheet(book: Any, summary: RunSummary, styles: Styles) -> None:
    """
    Add the sheet `Summary` to a workbook: outcomes with a chart, control totals, facts of the run, issues by rule.

    Args:
        book: Workbook of XlsxWriter in constant memory, without a sheet of that name.
        summary: The figures.
        styles: Formats of the workbook.
    """
    sheet = book.add_worksheet(SHEET)
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.hide_gridlines(2)
    prepare_print(sheet, f"{summary.run.name} - {summary.run.source_name}")
    page = _Page(sheet, styles)
    _write_head(page, summary)
    _write_outcomes(page, summary)
    sheet.insert_chart(
        _FIRST_OUTCOME + len(Outcome) + 2, 0, _outcome_chart(book, summary), {"object_position": 2}
    )
    page.skip(_CHART_ROWS)
    _write_totals(page, summary)
    _write_rules(page, summary)
    _write_notes(page, summary)
    _write_facts(page, summary)


_CHART_ROWS = 12


class _Page:
    """Writes a sheet downwards, row by row."""

    def __init__(self, sheet: Any, styles: Styles) -> None:
        self.sheet, self.styles, self.row = sheet, styles, 0

    def line(self, values: Sequence[Any], styles: Sequence[Any] | Any) -> None:
        """Write values from the first column on, with a format for each or one for all."""
        each = styles if isinstance(styles, Sequence) else [styles] * len(values)
        for column, (value, style) in enumerate(zip(values, each, strict=True)):
            put(self.sheet, self.row, column, value, style)
        self.row += 1

    def section(self, title: str) -> None:
        """Write the title of a part, with after an empty row."""
        self.row += 1
        self.sheet.set_row(self.row, 20)
        self.line([title], self.styles.section)

    def head(self, titles: Sequence[str], numbers: Sequence[int] = ()) -> None:
        """Write the header of a small table across the sheet; titles over the columns of numbers go to the right."""
        self.sheet.set_row(self.row, 18)
        for column in range(len(titles), len(_WIDTHS)):
            self.sheet.write_blank(self.row, column, None, self.styles.head)
        styles = self.styles
        self.line(titles, [styles.head_right if i in numbers else styles.head for i in range(len(titles))])

    def skip(self, rows: int) -> None:
        """Leave rows empty."""
        self.row += rows


def _write_head(page: _Page, summary: RunSummary) -> None:
    run, styles = summary.run, page.styles
    page.line([run.template_title or f"Results of {run.source_name}"], styles.title)
    where = f"{run.source_name}, sheet {run.sheet}" if run.sheet else run.source_name
    page.line([f"{where} to tenant {run.tenant} at {run.host}, run {run.name}"], styles.subtitle)
    alerts = _alerts(summary)
    if alerts:
        page.sheet.merge_range(page.row, 0, page.row, len(_WIDTHS) - 1, "", styles.alert)
        page.sheet.set_row(page.row, 15 * len(alerts) + 5)
        page.line(["\n".join(alerts)], styles.alert)
    page.row = _FIRST_OUTCOME - 3


def _alerts(summary: RunSummary) -> list[str]:
    run = summary.run
    alerts = []
    if run.ignored_warnings:
        alerts.append("LoanPro's transaction warnings were ignored in: " + "; ".join(run.ignored_warnings))
    if run.finished_at is None:
        alerts.append(f"The run is not finished: `loader resume {run.name}` carries on")
    if run.stopped:
        alerts.append(f"Sending stopped before the end: {run.stopped}")
    return alerts


def _write_outcomes(page: _Page, summary: RunSummary) -> None:
    styles = page.styles
    page.section("Outcomes")
    page.head(["Outcome", "Meaning", "Rows", "Share", "What to do"], numbers=(2, 3))
    for line in summary.lines():
        values = [line.label, line.meaning, line.rows, line.share, line.next_step]
        page.line(
            values, [styles.outcomes[line.outcome], styles.text, styles.whole, styles.share, styles.text]
        )
    total = sum(summary.counts.values())
    page.sheet.write_blank(page.row, 1, None, styles.sum_name)
    page.line(
        ["Rows read", None, total, 1 if total else None],
        [styles.sum_name, styles.sum_name, styles.sum, styles.sum_share],
    )


def _outcome_chart(book: Any, summary: RunSummary) -> Any:
    last = _FIRST_OUTCOME + len(Outcome) - 1
    chart = book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": "Rows",
            "categories": [SHEET, _FIRST_OUTCOME, 0, last, 0],
            "values": [SHEET, _FIRST_OUTCOME, 2, last, 2],
            # The rows of a sheet in constant memory cannot be read back: without these, viewers that do not
            # calculate would show an empty chart.
            "categories_data": [label(outcome) for outcome in Outcome],
            "values_data": [summary.counts[outcome] for outcome in Outcome],
            "points": [{"fill": {"color": OUTCOME_COLOURS[outcome][2]}} for outcome in Outcome],
            "data_labels": {"value": True, "num_format": "#,##0"},
            "gap": 40,
        }
    )
    chart.set_title({"name": "Rows by outcome", "name_font": {"size": 12}, "overlay": False})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True, "num_font": {"size": 10}, "line": {"none": True}})
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    chart.set_chartarea({"border": {"color": LINE}})
    chart.set_size({"width": 900, "height": 215})
    return chart


def _write_totals(page: _Page, summary: RunSummary) -> None:
    if not summary.totals:
        return
    styles = page.styles
    page.section("Control totals")
    page.head(["Step", "Field", "Read", "To be sent", "Accepted", "Not accepted"], numbers=(2, 3, 4, 5))
    for total in summary.totals:
        missing = total.of_read - total.of_accepted
        values = [total.operation, total.field, total.of_read, total.of_valid, total.of_accepted, missing]
        page.line(values, [styles.text, styles.text, *[styles.amount] * 4])
    page.line(["Read sums every value that could be read; Not accepted is Read less Accepted."], styles.name)


def _write_facts(page: _Page, summary: RunSummary) -> None:
    styles = page.styles
    page.section("Run")
    for name, value in _facts(summary):
        page.line([name, value], [styles.name, _fact_style(styles, name, value)])


def _facts(summary: RunSummary) -> list[tuple[str, Any]]:
    run = summary.run
    duration = None if summary.duration_s is None else summary.duration_s / _SECONDS_PER_DAY
    return [
        ("Run", run.name),
        ("Kind", run.kind),
        ("Tenant", run.tenant),
        ("Host", run.host),
        *_source_facts(run),
        *([("Mended since", mended)] if (mended := mended_words(summary.mended)) else []),
        ("Template", run.template_name),
        ("Template SHA-256", run.template_digest),
        ("Started (UTC)", run.started_at),
        ("Finished (UTC)", run.finished_at or "not finished"),
        ("Duration", duration),
        ("Rows per second", summary.rows_per_s),
        ("Pace allowed", run.rate),
        ("Requests at a time", run.concurrency),
        ("Ignored warnings", "; ".join(run.ignored_warnings) or "none"),
        ("Stopped", run.stopped or "no"),
        ("Exit code", "not finished" if run.exit_code is None else run.exit_code),
        ("Loader version", run.loader_version),
    ]


def _source_facts(run: RunRecord) -> list[tuple[str, Any]]:
    sheet = [("Sheet", run.sheet)] if run.sheet else []
    read_as = [("Read as", run.facts.named)] if run.source_format else []
    return [
        ("Source file", run.source_name),
        *read_as,
        *sheet,
        ("Header row", run.header_row),
        ("Rows read", run.rows_read),
        ("Blank rows passed over", run.blank_rows),
        ("Source SHA-256", run.source_digest),
        *_origin_facts(run),
    ]


def _origin_facts(run: RunRecord) -> list[tuple[str, Any]]:
    origin = run.origin
    if origin is None:
        return []
    sheet = [("Original sheet", origin.sheet)] if origin.sheet else []
    return [
        ("Mends run", origin.run),
        ("Original file", origin.source_name),
        *sheet,
        ("Original SHA-256", origin.source_digest),
    ]


def _fact_style(styles: Styles, name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return styles.moment
    if name == "Duration":
        return styles.duration
    if isinstance(value, float):
        return styles.left_pace
    return styles.left_whole if isinstance(value, int) else styles.text


def _write_rules(page: _Page, summary: RunSummary) -> None:
    styles = page.styles
    page.section("Issues by rule")
    if not summary.rules:
        page.line(["No issues were found."], styles.text)
        return
    page.head(["Severity", "Rule", "Issues", "Rows", "First message"], numbers=(2, 3))
    for rule in summary.rules:
        values = [rule.severity.value, rule.rule, rule.issues, rule.rows, rule.example]
        page.line(
            values, [styles.severities[rule.severity], styles.text, styles.whole, styles.whole, styles.text]
        )


def _write_notes(page: _Page, summary: RunSummary) -> None:
    """What was repaired, left out or otherwise noticed while the file was read; no row is kept back for it."""
    notes = by_column(summary.run.notes)
    if not notes:
        return
    styles = page.styles
    page.section("Noticed while reading")
    page.head(
        ["Where", "Rule", "Cells or rows", "First row", "What was found"],
        numbers=(2, 3),
    )
    for note in notes:
        values = [note.where, note.rule, note.count or None, note.first_row or None, note.message]
        page.sheet.merge_range(page.row, 4, page.row, len(_WIDTHS) - 1, "", styles.wrapped)
        page.sheet.set_row(page.row, ceil(len(note.message) / _MESSAGE_WIDTH) * LINE_POINTS)
        page.line(values, [styles.text, styles.text, styles.whole, styles.whole, styles.wrapped])
