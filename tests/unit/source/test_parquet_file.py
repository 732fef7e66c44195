"""Parquet: the same texts and kinds as a workbook with the same cells, and every digit of a number."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest
from pyarrow import parquet

from loader.errors import SourceError
from loader.source.open import open_table
from loader.source.parquet.file import ParquetTable
from loader.source.reading import Reading, StopAt
from loader.source.table import Kind


@pytest.fixture
def file(tmp_path):
    """A Parquet file with these columns."""

    def write(columns, name="loans.parquet", **options):
        table = columns if isinstance(columns, pa.Table) else pa.table(columns)
        parquet.write_table(table, tmp_path / name, **options)
        return tmp_path / name

    return write


def column(path):
    """Texts and kinds of the second column; the first keeps every row from being blank."""
    (batch,) = open_table(path).batches()
    kinds = batch.kinds[1] or bytes(len(batch.rows))
    return [(text, Kind(kind)) for text, kind in zip(batch.columns[1], kinds, strict=True)]


CASES = [
    (pa.array(["007", None, " x ", "NA"]), [("007", 0), ("", 0), (" x ", 0), ("NA", 0)]),
    (pa.array(["a", None], pa.large_string()), [("a", 0), ("", 0)]),
    (pa.array(["a", None, "a"]).dictionary_encode(), [("a", 0), ("", 0), ("a", 0)]),
    (pa.array([5930, None, -7], pa.int64()), [("5930", 1), ("", 0), ("-7", 1)]),
    (pa.array([2**64 - 1, 1], pa.uint64()), [("18446744073709551615", 0), ("1", 1)]),
    (
        pa.array([8.2, None, 5930.0, 1e-7, 133.8]),
        [("8.2", 1), ("", 0), ("5930", 1), ("0.0000001", 1), ("133.8", 1)],
    ),
    (pa.array([8.2, 0.1202, 100000.0], pa.float32()), [("8.2", 1), ("0.1202", 1), ("100000", 1)]),
    (pa.array([float("nan")], from_pandas=False), [("nan", 5)]),
    (
        pa.array(
            [Decimal("53180.08"), None, Decimal("-0.10"), Decimal("12345678901234567.89")],
            pa.decimal128(30, 2),
        ),
        [("53180.08", 1), ("", 0), ("-0.10", 1), ("12345678901234567.89", 0)],
    ),
    (pa.array([Decimal("0.0000000001")], pa.decimal128(20, 10)), [("0.0000000001", 1)]),
    (pa.array([date(2017, 3, 9), None]), [("2017-03-09", 2), ("", 0)]),
    (pa.array([date(2017, 3, 9)], pa.date64()), [("2017-03-09", 2)]),
    (
        pa.array([1_489_017_600_000, 1_489_069_800_000], pa.timestamp("ms")),
        [("2017-03-09", 2), ("2017-03-09T14:30:00", 3)],
    ),
    (pa.array([1_489_069_800_123_456_789], pa.timestamp("ns")), [("2017-03-09T14:30:00.123456", 3)]),
    (pa.array([datetime(2017, 3, 9, tzinfo=UTC)]), [("2017-03-09T00:00:00+00:00", 3)]),
    (pa.array([True, None, False]), [("TRUE", 4), ("", 0), ("FALSE", 4)]),
    (pa.array([time(14, 30)], pa.time64("ns")), [("14:30:00", 6)]),
    (pa.array([timedelta(hours=30)], pa.duration("ns")), [("30:00:00", 6)]),
    (pa.nulls(2), [("", 0), ("", 0)]),
    (pa.array([[1, 2], None]), [("[1, 2]", 0), ("", 0)]),
    (pa.array([{"a": date(2017, 3, 9)}]), [('{"a": "2017-03-09"}', 0)]),
    (pa.array([b"\x00\xff"]), [("00ff", 0)]),
]


@pytest.mark.parametrize(
    ("array", "expected"), CASES, ids=lambda value: str(getattr(value, "type", "")) or None
)
def test_values_as_texts_with_their_kinds(file, array, expected):
    path = file({"N": pa.array(range(len(array))), "V": array})

    assert [(text, Kind(kind)) for text, kind in expected] == column(path)


def test_rows_are_numbered_as_in_a_sheet(file, rows):
    """The names are row 1; a row of nulls and empty texts is blank, and counts in the numbering."""
    table = open_table(file({"Loan ": ["1", None, "3"], "Rate": pa.array([8.2, None, None])}))

    assert isinstance(table, ParquetTable)
    assert [header.name for header in table.headers] == ["Loan", "Rate"]
    assert ("Parquet", 1) == (table.facts.format, table.header_row)
    assert [(2, ("1", "8.2")), (4, ("3", ""))] == rows(table) == rows(table)
    assert [1] == [batch.blank_rows for batch in table.batches()]


def test_a_row_of_headers_elsewhere_does_not_apply(file, rows):
    assert [(2, ("1",))] == rows(open_table(file({"A": ["1"]}), Reading(header_row=4)))


def test_rows_end_where_the_template_says(file, rows):
    table = open_table(
        file({"A": ["1", "Total", "2"]}), Reading(stop_at=StopAt((("A", ""),), frozenset({"total"})))
    )

    assert [(2, ("1",))] == rows(table)


def test_row_groups_and_batches_are_no_borders(file, rows):
    """Read in blocks of another size than it was written in, as batches of a third."""
    count = 10_000
    path = file({"N": pa.array(range(count)), "T": [f"t{n}" for n in range(count)]}, row_group_size=999)

    assert [(n + 2, (str(n), f"t{n}")) for n in range(count)] == rows(open_table(path), 1_000)


def test_columns_that_hold_no_single_value(file, rows):
    """Told where the template does not use them, refused where it does, by header or by letter."""
    path = file({"Loan": ["1"], "Tags": [["a", "b"]], "Blob": [b"x"]})
    table = open_table(path, Reading(headers_wanted=frozenset({"Loan"})))

    assert [("parquet.not-plain", "Tags", "B"), ("parquet.not-plain", "Blob", "C")] == [
        (note.rule, note.column, note.letter) for note in table.notes
    ]
    assert [(2, ("1", '["a", "b"]', "78"))] == rows(table)
    with pytest.raises(SourceError, match=r'column "Tags" \(B\) holds values of type list'):
        open_table(path, Reading(headers_wanted=frozenset({" tags"})))
    with pytest.raises(SourceError, match=r'column "Blob" \(C\)'):
        open_table(path, Reading(letters_used=frozenset({"C"})))


def test_columns_of_a_rejected_table_are_ours(file, rows):
    table = open_table(file({"Loan": ["1"], "Row": [2], "Problems": ["bad"], "Advice": ["mend"]}))

    assert ["mended.origin-lost"] == [note.rule for note in table.notes]
    assert [(2, ("1",))] == rows(table)


@pytest.mark.parametrize("keep", [5, 100, -5])
def test_damaged_file_is_a_message(file, csv_file, keep):
    content = file({"N": list(range(5_000))}).read_bytes()

    with pytest.raises(SourceError, match="cannot be read as Parquet"):
        list(open_table(csv_file(content[:keep], "cut.parquet")).batches())


def test_a_byte_changed_in_the_data_never_ends_in_a_traceback(file, csv_file):
    content = bytearray(file({"N": [f"loan {n}" for n in range(5_000)]}, compression="gzip").read_bytes())
    content[len(content) // 3] ^= 0x40

    with pytest.raises(SourceError, match="cannot be read as Parquet"):
        list(open_table(csv_file(bytes(content), "bad.parquet")).batches())


def test_checksums_are_looked_at_where_there_are_any(file, csv_file):
    """A changed letter within a text is no fault that the format would show otherwise."""
    content = file({"N": ["loan 1", "loan 2"]}, compression="none", write_page_checksum=True).read_bytes()

    with pytest.raises(SourceError, match="cannot be read as Parquet"):
        list(open_table(csv_file(content.replace(b"loan 2", b"loan 3", 1), "bad.parquet")).batches())


def test_date_beyond_what_python_knows(file):
    path = file({"N": ["1"], "D": pa.array([5_000_000], pa.int32()).cast(pa.date32())})

    with pytest.raises(SourceError, match="cannot be read as Parquet"):
        list(open_table(path).batches())


def test_it_has_neither_sheet_nor_delimiter(file):
    path = file({"A": ["1"]})
    with pytest.raises(SourceError, match=r'is a Parquet file and has no sheet "May"'):
        open_table(path, Reading(sheet="May"))
    with pytest.raises(SourceError, match="is a Parquet file, of which --delimiter says nothing"):
        open_table(path, Reading(delimiter=";"))
