"""A random table of typed cells, written in any format, comes back equal: every text, every digit, every day, each under its row."""

import zipfile
from datetime import date, datetime
from decimal import Decimal
from xml.sax.saxutils import escape

import pyarrow as pa
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from loader.source.open import open_table
from loader.source.table import Kind

SIGNS = st.characters(
    exclude_categories=("Cs", "Cc", "Cn"), exclude_characters="\ufffe\uffff"
) | st.sampled_from("07,;\"'=\n\t&<>% ")
TEXTS = st.text(SIGNS, min_size=1, max_size=12).filter(
    lambda text: not text.isspace() and not text.startswith("_x")
)
NUMBERS = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places),
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.integers(0, 9),
)
DAYS = st.dates(date(1900, 3, 1), date(2199, 12, 31))
MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)
COLUMNS = {"text": TEXTS, "number": NUMBERS, "day": DAYS, "flag": st.booleans(), "percent": NUMBERS}


@st.composite
def tables(draw):
    """Kinds of columns, and rows of values; None is a blank cell, and no row is without any text."""
    kinds = ["text", *draw(st.lists(st.sampled_from([*COLUMNS]), max_size=3))]
    blank_or = [TEXTS, *(st.none() | COLUMNS[kind] for kind in kinds[1:])]
    return kinds, draw(st.lists(st.tuples(*blank_or), min_size=1, max_size=8))


def as_read(kind, value):
    """The text and the kind in which the reader gives a value."""
    match value:
        case None:
            return "", Kind.TEXT
        case bool():
            return ("TRUE" if value else "FALSE"), Kind.FLAG
        case date():
            return value.isoformat(), Kind.DATE
        case Decimal():
            short = value.normalize() if value else Decimal(0)
            return (f"{short:f}%", Kind.PERCENT) if kind == "percent" else (f"{short:f}", Kind.NUMBER)
        case _:
            return value, Kind.TEXT


def without_zeros(text, kind):
    """A cell as it was read; of a number the zeros behind the point, which Parquet keeps, say nothing."""
    return (f"{Decimal(text).normalize() or Decimal(0):f}" if kind == Kind.NUMBER else text), kind


def as_xlsx(path, kinds, rows):
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        day, percent = (book.add_format({"num_format": code}) for code in ("d-mmm-yy", "0.00%"))
        for column in range(len(kinds)):
            sheet.write_string(0, column, f"Column {column}")
        for at, row in enumerate(rows, 1):
            for column, (kind, value) in enumerate(zip(kinds, row, strict=True)):
                match value:
                    case bool():
                        sheet.write_boolean(at, column, value)
                    case date():
                        sheet.write_datetime(at, column, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001
                    case Decimal() if kind == "percent":
                        sheet.write_number(at, column, value.scaleb(-2), percent)
                    case Decimal():
                        sheet.write_number(at, column, value)
                    case str():
                        sheet.write_string(at, column, value)


def as_ods(path, kinds, rows):
    head = "".join(_ods_cell("text", f"Column {column}") for column in range(len(kinds)))
    body = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, kinds, row))}</table:table-row>" for row in rows
    )
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names} office:version="1.3"><office:body>'
        f'<office:spreadsheet><table:table table:name="Loans"><table:table-row>{head}</table:table-row>{body}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        archive.writestr("content.xml", content)


def _ods_cell(kind, value):
    match value:
        case None:
            return "<table:table-cell/>"
        case bool():
            said = f'office:value-type="boolean" office:boolean-value="{str(value).lower()}"'
        case date():
            said = f'office:value-type="date" office:date-value="{value}"'
        case Decimal() if kind == "percent":
            said = f'office:value-type="percentage" office:value="{value.scaleb(-2):f}"'
        case Decimal():
            said = f'office:value-type="float" office:value="{value:f}"'
        case _:
            text = escape(value, {"\t": "<text:tab/>", "\n": "<text:line-break/>", " ": "<text:s/>"})
            return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
    return f"<table:table-cell {said}><text:p>shown</text:p></table:table-cell>"


def as_parquet(path, kinds, rows):
    types = {"text": pa.string(), "number": pa.decimal128(30, 9), "day": pa.date32(), "flag": pa.bool_()}
    arrays = [pa.array([row[at] for row in rows], types[kind]) for at, kind in enumerate(kinds)]
    parquet.write_table(pa.table(arrays, [f"Column {at}" for at in range(len(kinds))]), path)


@pytest.mark.parametrize(("suffix", "write"), [("xlsx", as_xlsx), ("ods", as_ods), ("parquet", as_parquet)])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=tables())
def test_any_table_comes_back_equal(tmp_path, suffix, write, table):
    kinds, rows = table
    if suffix == "parquet":
        kinds = ["number" if kind == "percent" else kind for kind in kinds]
    path = tmp_path / f"loans.{suffix}"
    write(path, kinds, rows)
    (batch,) = open_table(path).batches(100)
    found = [
        list(map(without_zeros, column, of_column or bytes(len(column))))
        for column, of_column in zip(batch.columns, batch.kinds, strict=True)
    ]

    assert [*range(2, 2 + len(rows))] == list(batch.rows)
    assert [
        [as_read(kind, value) for value in column]
        for kind, column in zip(kinds, zip(*rows, strict=True), strict=True)
    ] == found
