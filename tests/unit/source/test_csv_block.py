"""Both ways of parsing a block of text agree, on any table, in any cut."""

import csv
import io
import pickle

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loader.errors import SourceError
from loader.source.text import csv_block, records, text_file
from loader.source.text.csv_block import Layout, _pandas_keeps_text, _parse_even, _parse_exactly
from loader.source.text.csv_file import open_csv
from loader.source.text.records import find_records
from loader.source.variety import Variety

CELLS = st.text(st.sampled_from([*'"",,;\n\r\t  ab07é\u2028\ufeff\U0001f600']), max_size=6)
ANY_CELLS = (
    CELLS
    | st.sampled_from(["NA", "1e5", "007", "null", "true"])
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
)


@st.composite
def tables(draw):
    """Rows of cells of one width, first the headers."""
    width = draw(st.integers(2, 5))
    return draw(st.lists(st.lists(ANY_CELLS, min_size=width, max_size=width), min_size=1, max_size=12))


@st.composite
def written(draw):
    """A table and its text, every cell quoted or only those that need it, with any line end."""
    table = draw(tables())
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    always = draw(st.booleans())
    lines = [",".join(in_quotes(cell, always=always) for cell in row) for row in table]
    return table, (end.join(lines) + end).encode()


def in_quotes(cell, *, always):
    """A cell as RFC 4180 writes it; csv.writer of Python 3.11 leaves a lone carriage return unquoted."""
    needed = always or any(character in cell for character in '",\r\n')
    return '"' + cell.replace('"', '""') + '"' if needed else cell


@given(written())
@settings(max_examples=300, deadline=None)
def test_fast_and_exact_parser_agree_with_what_was_written(pair):
    """Whatever the fast way gives, the exact way gives too, and it is what was written."""
    table, content = pair
    width = len(table[0])
    records = find_records(content, ",", last=True)
    exact, bad_rows = _parse_exactly(content, range(len(table)), Layout(width, width, ","))
    even = _parse_even(content, records, Layout(width, width, ","), Variety())

    assert len(table) == len(records.ends)
    assert bad_rows == {}
    assert [list(column) for column in zip(*table, strict=True)] == exact
    assert even is None or even == exact


@given(st.lists(st.lists(st.text("ab7 é", min_size=1), min_size=3, max_size=3), min_size=1))
@settings(max_examples=50, deadline=None)
def test_even_tables_go_the_fast_way(table):
    """Without this the comparison above could pass with the fast way never taken."""
    content = "".join(",".join(row) + "\n" for row in table).encode()
    records = find_records(content, ",", last=True)

    assert [list(column) for column in zip(*table, strict=True)] == _parse_even(
        content, records, Layout(3, 3, ","), Variety()
    )


def in_blocks_of(size, patch):
    """Have blocks read of this size, and of a larger one from the twentieth byte on."""
    patch.setattr(text_file, "_BLOCK_BYTES", size)
    patch.setattr(text_file, "_LARGE_FROM_BYTES", 20)
    patch.setattr(text_file, "_LARGE_BLOCK_BYTES", 2 * size)


@given(st.text(st.sampled_from('"",\n\r;a '), max_size=60), st.integers(1, 64), st.integers(1, 5))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_in_small_blocks_is_what_the_csv_module_reads(tmp_path, text, size, most):
    """Cut anywhere, a file gives the rows of the csv module over the whole, each with its line, or both refuse it."""
    path = tmp_path / "any.csv"
    path.write_bytes(b"A,B\n" + text.encode())
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        lines = [2]  # on which each row begins
        expected = [row for row in reader if lines.append(reader.line_num + 2) is None]
    except csv.Error:
        expected = None
    with pytest.MonkeyPatch.context() as patch:
        in_blocks_of(size, patch)
        patch.setattr(records, "ROWS_PER_BATCH", most)
        if expected is None:
            with pytest.raises(SourceError, match="quote"):
                list(open_csv(path).batches(3))
            return
        found = [
            (
                row,
                (batch.lines or batch.rows)[i],
                batch.bad_rows[i].cells if i in batch.bad_rows else tuple(c[i] for c in batch.columns),
            )
            for batch in open_csv(path).batches(3)
            for i, row in enumerate(batch.rows)
        ]

    assert [
        (n, lines[n - 2], tuple(row)) for n, row in enumerate(expected, start=2) if "".join(row).strip()
    ] == found


@given(
    st.text(st.sampled_from('"",\n\r;a '), max_size=60),
    st.integers(1, 64),
    st.integers(1, 5),
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_pieces_of_any_text_are_its_rows(tmp_path, text, size, most):
    """Whether their records are found again or counted, and whether Arrow has their cells or Python."""
    path = tmp_path / "any.csv"
    path.write_bytes(b"A,B\n" + text.encode())
    with pytest.MonkeyPatch.context() as patch:
        in_blocks_of(size, patch)
        patch.setattr(records, "ROWS_PER_BATCH", most)
        try:
            expected = [row for batch in open_csv(path).batches(3) for row in rows_of(batch)]
        except SourceError:
            return
        patch.setattr(csv_block, "_FEW_BYTES", 0)
        cut = open_csv(path).pieces()
        found = list(cut)
        batches = [cut.reader.batch(pickle.loads(pickle.dumps(piece))) for piece in found]

    assert expected == [row for batch in batches for row in rows_of(batch)]
    assert all(piece.even is None or piece.even <= most for piece in found)
    assert sum(piece.length for piece in found) == len(text.encode())


def test_records_of_even_pieces_are_counted(tmp_path):
    """Without this the comparison above could pass with all records found again."""
    path = tmp_path / "even.csv"
    path.write_text("A,B\n" + "1,2\n" * 10_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_file, "_BLOCK_BYTES", 4_000)
        found = list(open_csv(path).pieces())

    assert [1_000] * 10 == [piece.even for piece in found]


def test_a_file_that_is_changed_in_place_is_not_read_on(tmp_path):
    """Its size is the same, and one record more than was counted may stand in a piece."""
    path = tmp_path / "changed.csv"
    path.write_text("A,B\n" + "1,2\n" * 50_000)
    cut = open_csv(path).pieces()
    pieces = list(cut)
    with path.open("r+b") as file:
        file.seek(pieces[-1].offset + 1)
        file.write(b"\n")

    with pytest.raises(SourceError, match="changed"):
        cut.reader.batch(pieces[-1])


def rows_of(batch):
    """Each row of a batch: its number, its line, its cells, and what is wrong with it."""
    for at, row in enumerate(batch.rows):
        cells = tuple(column[at] for column in batch.columns)
        yield row, (batch.lines or batch.rows)[at], cells, batch.bad_rows.get(at)


def test_installed_pandas_leaves_text_alone():
    """Older ones do not, and then every block goes the exact, slower way."""
    assert _pandas_keeps_text()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_block_that_is_larger_than_arrows(end):
    """Arrow cuts it, here behind the first sign of a line end; each cell is what was written all the same."""
    rows = [[f"L{n:07}", '"Ann, ""A"" Lee"', "x" * (n % 97)] for n in range(40_000)]
    text = "".join(",".join(row) + end for row in rows)
    border = records.ARROW_BLOCK_BYTES - 1
    rows[0][0] += "0" * (border - text.rindex(end, 0, border))
    content = "".join(",".join(row) + end for row in rows).encode()
    found = find_records(content, ",", last=True)
    columns = _parse_even(content, found, Layout(3, 3, ","), Variety())

    assert end.encode() == content[border : border + len(end)]
    assert len(content) > 2 * records.ARROW_BLOCK_BYTES
    assert [[key, 'Ann, "A" Lee', rest] for key, _, rest in rows] == [
        list(row) for row in zip(*columns, strict=True)
    ]


def test_line_breaks_in_quotes_at_the_border_of_arrows_blocks(tmp_path):
    """A block larger than Arrow's own may hold a quoted line break wherever it likes."""
    row = '1,"' + "x\n" * 40 + '"\n'
    path = tmp_path / "notes.csv"
    path.write_text("N,Note\n" + row * 30_000)
    count = 0
    for batch in open_csv(path).batches():
        assert {"x\n" * 40} == set(batch.columns[1])
        count += len(batch.rows)

    assert count == 30_000
