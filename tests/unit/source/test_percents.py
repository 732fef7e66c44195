"""Percentages of workbooks: the same text as the sheet shows, whatever the format of the file."""

import re
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from loader.errors import SourceError
from loader.source.cells import PercentTexts
from loader.source.percent_signs import with_signs
from loader.source.reading import Reading
from loader.source.table import Batch, Header, Kind
from loader.source.workbook.excel_file import open_excel
from loader.source.workbook.percents import Percents

FILES = Path(__file__).parent / "files"


@pytest.fixture
def formatted(tmp_path):
    """A workbook with one column from A1 on: a header, then numbers with their formats, None for a plain one."""

    def write(*cells, header_format=None):
        path = tmp_path / "loans.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet("Loans")
            style = book.add_format({"num_format": header_format}) if header_format else None
            sheet.write_string(0, 0, "Rate", style)
            for row, (value, code) in enumerate(cells, start=1):
                sheet.write(row, 0, value, book.add_format({"num_format": code}) if code else None)
        return path

    return write


def rewritten(path, old, new, part="xl/worksheets/sheet1.xml"):
    """The same workbook with its XML written in another way."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    changed = re.sub(old, new, parts[part])
    assert changed != parts[part]
    parts[part] = changed
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def texts_and_kinds(batch, column=0):
    kinds = batch.kinds[column] or bytes(len(batch.rows))
    return [(text, Kind(kind).name) for text, kind in zip(batch.columns[column], kinds, strict=True)]


@pytest.mark.parametrize("name", ["percents.xlsx", "percents.xls", "percents.ods"])
def test_each_format_of_file_gives_the_same_percentages(name, only_batch):
    """All digits, not those that the format shows; money and dates as ever."""
    table = open_excel(FILES / name)
    batch = only_batch(table)

    assert batch.columns == [
        [f"00{n}" for n in range(1, 7)],
        ["12.02%", "12%", "8.25%", "-5%", "30%", "12.0225%"],
        ["50%", "0.5"] * 3,
        ["53180.08"] * 6,
        ["2017-03-09"] * 6,
    ]
    assert batch.kinds == [
        None,
        bytes([Kind.PERCENT] * 6),
        bytes([Kind.PERCENT, Kind.NUMBER] * 3),
        bytes([Kind.NUMBER] * 6),
        bytes([Kind.DATE] * 6),
    ]
    assert [header.has_percents for header in table.headers] == [False, True, True, False, False]
    assert [(note.rule, note.letter, note.count, note.first_row) for note in batch.notes] == [
        ("percent.mixed-column", "C", 3, 3)
    ]


def test_binary_noise_is_rounded_away_and_told(formatted, only_batch):
    """0.1 + 0.2 is 30%, in a column of percentages and beside plain numbers alike."""
    path = formatted((0.25, "0%"), (0.75, "0%"), (0.5, "0%"))
    noisy = rewritten(path, b"<v>0.75</v>", b"<v>0.30000000000000004</v>")
    batch = only_batch(open_excel(noisy))

    assert batch.columns == [["25%", "30%", "50%"]]
    assert [(note.rule, note.count, note.first_row) for note in batch.notes] == [
        ("number.binary-noise", 1, 3)
    ]
    mixed = only_batch(open_excel(rewritten(noisy, rb'<c r="A4" s="\d"', b'<c r="A4"')))
    assert mixed.columns == [["25%", "30%", "0.5"]]
    assert [note.rule for note in mixed.notes] == ["number.binary-noise", "percent.mixed-column"]


def test_only_numbers_become_percentages(tmp_path, only_batch):
    """Text, yes and no, errors and blanks in cells with that format are what they are."""
    book = openpyxl.Workbook()
    for value in ("Rate", 0.12, "12.02%", True, "#N/A", None, "text", 3):
        book.active.append([value, "x"])
        book.active.cell(book.active.max_row, 1).number_format = "0.00%"
    book.save(tmp_path / "loans.xlsx")
    batch = only_batch(open_excel(tmp_path / "loans.xlsx"))

    assert texts_and_kinds(batch) == [
        ("12%", "PERCENT"),
        ("12.02%", "TEXT"),
        ("TRUE", "FLAG"),
        ("#N/A", "ERROR"),
        ("", "TEXT"),
        ("text", "TEXT"),
        ("300%", "PERCENT"),
    ]
    assert not batch.notes


def test_formats_of_every_shape(formatted, only_batch):
    """A sign in quotes, sections by sign and by condition; zero is zero per cent."""
    path = formatted(
        (12.02, '0.00"%"'), (0.5, "[<1]0.00%;0.00"), (12.02, "[<1]0.00%;0.00"), (0, "0%"), (-0.0, "0%")
    )

    assert texts_and_kinds(only_batch(open_excel(path))) == [
        ("12.02%", "PERCENT"),
        ("50%", "PERCENT"),
        ("12.02", "NUMBER"),
        ("0%", "PERCENT"),
        ("0%", "PERCENT"),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (rb'(r="A\d+") (s="\d+")', rb"\2 \1"),
        (rb'(<c r="A\d+" s="\d+")>', rb'\1 t="n">'),
        (rb'(<c r="A\d+") (s="\d+")>', rb'\1 t="n" \2>'),
        (rb'(<c r="A\d+") s="(\d+)"', rb"\1 s='\2'"),
        (rb'(<c r="A\d+") (s="\d+")', rb'\1  \n\2 ph="1"'),
        (rb"<(/?)c\b", rb"<\1x:c"),
        (rb"</row>", rb'<c r="B9" s="1"/></row>'),
    ],
)
def test_cells_written_in_other_ways(formatted, only_batch, old, new):
    """Order, quotes, white space and prefixes are a program's own choice."""
    path = rewritten(formatted((0.12, "0.00%"), (0.5, None), (0.0825, "0.000%")), old, new)
    if b"x:c" in new:
        rewritten(
            path,
            rb"<worksheet ",
            rb'<worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" ',
        )

    found = texts_and_kinds(only_batch(open_excel(path)))
    assert found == [("12%", "PERCENT"), ("0.5", "NUMBER"), ("8.25%", "PERCENT")]


def test_style_that_cells_have_without_saying_so(formatted, only_batch):
    """A cell without a style has the first one, which a workbook may make a percentage."""
    path = formatted((0.12, None), (0.5, "0.0"))
    rewritten(path, rb'(<cellXfs count="\d+"><xf numFmtId=)"0"', rb'\1"10"', part="xl/styles.xml")

    assert texts_and_kinds(only_batch(open_excel(path))) == [("12%", "PERCENT"), ("0.5", "NUMBER")]


def test_percentage_that_does_not_say_where_it_stands_is_refused(formatted):
    path = rewritten(formatted((0.12, "0.00%")), rb'<c r="A2"', rb"<c")

    with pytest.raises(SourceError, match=r"cells that do not say where they stand"):
        open_excel(path)


def test_error_that_no_reader_knows_is_named(formatted):
    """A newer program's error is in no list; the user can look for it."""
    path = rewritten(
        formatted((0.12, None)), rb'<c r="A2">.*?</c>', b'<c r="A2" t="e"><v>#GETTING_DATA</v></c>'
    )

    with pytest.raises(SourceError, match=r'sheet "Loans" cannot be read: .*#GETTING_DATA') as caught:
        open_excel(path)
    assert "show this error" in caught.value.hint


def test_header_with_the_format_makes_the_column_one_of_percentages(formatted, only_batch):
    """Where a whole column was formatted and a number pasted into it lost the format, the header still says so."""
    table = open_excel(formatted((0.12, None), header_format="0.00%"))
    (note,) = only_batch(table).notes

    assert table.headers[0].has_percents
    assert note.message.endswith("(its header is)")
    assert (note.rule, note.count, note.first_row) == ("percent.mixed-column", 1, 2)


def test_rows_above_the_headers_do_not_count(formatted):
    """A title may hold a percentage without making the column one."""
    path = formatted((0.5, "0%"), ("Rate", None), (0.12, None))

    assert not open_excel(path, Reading(header_row=3)).headers[0].has_percents


def test_cells_of_many_pieces_and_batches(tmp_path, rows):
    """Rows far apart, in a sheet longer than any piece that is searched at once."""
    path = tmp_path / "loans.xlsx"
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        style = book.add_format({"num_format": "0.0%"})
        sheet = book.add_worksheet("Loans")
        sheet.write_row(0, 0, ["N", "Rate", "Text"])
        for row in range(1, 20_001):
            sheet.write_number(row, 0, row)
            sheet.write_number(row, 1, row / 1_000, style if row % 3 else None)
            sheet.write_string(row, 2, f"some text that takes its room {row}")
    found = {row: cells[1] for row, cells in rows(open_excel(path))}

    assert len(found) == 20_000
    for row, text in found.items():
        share = Decimal(row - 1)
        assert text == (
            f"{(share / 10).normalize():f}%" if (row - 1) % 3 else f"{(share / 1000).normalize():f}"
        )


@settings(max_examples=200)
@given(
    st.decimals(-1000, 1000, allow_nan=False, allow_infinity=False, places=11).map(lambda n: n.normalize())
)
def test_percentage_is_the_decimal_moved_by_two_places(number):
    """Exactly what was typed, to the last of fifteen digits, without an exponent."""
    texts = PercentTexts(2)
    text = texts[float(number)]

    assert Decimal(text.removesuffix("%")) == number * 100
    assert "E" not in text
    assert not texts.rounded


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_becomes_a_percentage_of_fifteen_digits(number):
    """Within half a unit of the fifteenth digit; what was rounded is known."""
    texts = PercentTexts(2)
    shown = Decimal(texts[number].removesuffix("%")) / 100
    exact = Decimal(repr(number))

    assert abs(shown - exact) <= abs(exact) * Decimal("5e-15")
    assert (shown != exact) == (number in texts.rounded)


def test_more_formats_than_a_workbook_can_have():
    percents = Percents()
    for number in range(255):
        percents.mark_of(f"[<{number}]0%;0")

    assert percents.mark_of("[<254]0%;0") == 255
    with pytest.raises(SourceError, match="more than 255 number formats"):
        percents.mark_of("[<255]0%;0")


def _batches_of(*columns, heard):
    for number, cells in enumerate(zip(*columns, strict=True)):
        heard.append(number)
        yield Batch(number, [number + 2], [[cell] for cell in cells], [None] * len(cells), {}, 0)


@pytest.mark.parametrize(
    ("asked", "signed", "read"),
    [
        (None, [True, False, True], 3),
        (frozenset({"rate"}), [True, False, False], 1),
        (frozenset({"C", "rate"}), [True, False, True], 2),
        (frozenset({"B"}), [False, False, False], 3),
        (frozenset(), [False, False, False], 0),
    ],
)
def test_rows_are_read_only_until_the_columns_that_matter_are_known_to_have_percentages(asked, signed, read):
    headers = tuple(
        Header(index, letter, name)
        for index, letter, name in ((0, "A", "Rate"), (1, "B", "Memo"), (2, "C", "Fee"))
    )
    heard = []
    batches = _batches_of(["8%", "9", "9"], ["5 % off", "x", "y"], ["1", " 2 % ", "3"], heard=heard)

    found = with_signs(headers, batches, asked)

    assert [header.has_percents for header in found] == signed
    assert len(heard) == read
