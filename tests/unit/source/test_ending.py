"""Where the rows end: the same rule for text files and workbooks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.source.batching import Block, block_of, rebatch
from loader.source.ending import ended
from loader.source.open import open_table
from loader.source.reading import Reading, StopAt
from loader.source.table import Header

TOTAL = StopAt((("Number", ""), ("loan  NO", "")), frozenset({"total", "grand total"}))
CONTENT = [
    ["Loan No", "Amount"],
    ["L1", "5"],
    ["", ""],
    ["L2", "6"],
    [" TOTAL ", "11"],
    ["", ""],
    ["printed by", "x"],
]


@pytest.fixture(params=["csv", "xlsx"])
def table_of(request, csv_file, workbook):
    """The same rows as a text file and as a workbook."""

    def open_with(content, stop_at):
        if request.param == "csv":
            path = csv_file("".join(",".join(row) + "\n" for row in content))
        else:
            path = workbook(Loans=[[cell or None for cell in row] for row in content])
        return open_table(path, Reading(stop_at=stop_at))

    return open_with


def notes_of(table):
    return [(n.rule, n.count, n.first_row, n.letter) for batch in table.batches() for n in batch.notes]


def test_rows_end_at_a_text_and_the_rest_is_counted(table_of, rows):
    table = table_of(CONTENT, TOTAL)

    assert rows(table) == [(2, ("L1", "5")), (4, ("L2", "6"))]
    assert notes_of(table) == [("rows.after-the-end", 2, 5, "")]
    assert [batch.blank_rows for batch in table.batches()] == [1]


@pytest.mark.parametrize("totals", [["Total", "5", "6", "stray"], ["Total"]])
def test_a_row_that_does_not_fit_under_the_headers_ends_the_rows_too(table_of, rows, totals):
    """A line of totals is often longer or shorter than the others, and what stands below it must not be sent."""
    table = table_of([["Loan No", "Amount"], ["L1", "5"], totals, ["L9", "7"]], TOTAL)

    assert rows(table) == [(2, ("L1", "5"))]
    assert notes_of(table) == [("rows.after-the-end", 2, 3, "")]


def test_rows_end_at_a_column_named_by_its_letter(table_of, rows):
    table = table_of(CONTENT, StopAt((("", "B"),), frozenset({"6"})))

    assert rows(table) == [(2, ("L1", "5"))]


def test_rows_end_at_a_blank_row_below_the_first(table_of, rows):
    """Blank rows directly below the headers end nothing."""
    table = table_of([CONTENT[0], ["", ""], *CONTENT[1:]], StopAt())

    assert rows(table) == [(3, ("L1", "5"))]
    assert notes_of(table) == [("rows.after-the-end", 3, 5, "")]


def test_rows_without_an_end_are_all_read(table_of, rows):
    """What ends the rows is not in the file: nothing is left out, nothing is told."""
    table = table_of(CONTENT[:4], TOTAL)

    assert [row for row, _ in rows(table)] == [2, 4]
    assert notes_of(table) == []


def test_a_row_of_totals_is_read_and_told(table_of, rows):
    """Nobody said where the rows end: a guess drops nothing."""
    table = table_of(CONTENT, None)

    assert [row for row, _ in rows(table)] == [2, 4, 5, 7]
    assert notes_of(table) == [("rows.totals-suspected", 1, 5, "A")]


@pytest.mark.parametrize("text", ["Total Finance", "Summer", "Totalled", "sum of"])
def test_names_are_no_totals(table_of, text):
    assert notes_of(table_of([*CONTENT[:2], [text, "1"]], None)) == []


@given(
    cells=st.lists(st.sampled_from(["", "a", "b", "total"]), max_size=40),
    rows_per_block=st.integers(1, 7),
    rows_per_batch=st.integers(1, 9),
    stop_at=st.sampled_from([None, StopAt(), StopAt((("A", ""),), frozenset({"total"}))]),
)
def test_every_row_is_read_or_blank_or_counted_as_left_out(cells, rows_per_block, rows_per_batch, stop_at):
    """However the file is cut into blocks and batches, and wherever its rows end."""
    header = Header(0, "A", "A")
    starts = range(0, len(cells), rows_per_block)
    blocks = (
        block_of(range(at + 2, at + 2 + len(part)), [part], [None], {})
        for at in starts
        if (part := cells[at : at + rows_per_block])
    )
    batches = list(
        rebatch(ended(blocks, [header], 1, stop_at), width=1, header_row=1, rows_per_batch=rows_per_batch)
    )
    read = [text for batch in batches for text in batch.columns[0]]
    left_out = sum(n.count for batch in batches for n in batch.notes if n.rule == "rows.after-the-end")
    texts = [cell for cell in cells if cell]
    if stop_at is None:
        end = len(texts)
    elif stop_at.columns:
        end = texts.index("total") if "total" in texts else len(texts)
    else:
        end = _first_run(cells) if texts else 0

    assert read == texts[:end]
    assert not read or left_out == len(texts) - end
    assert [row for batch in batches for row in batch.rows] == [
        position + 2 for position, cell in enumerate(cells) if cell
    ][:end]


def _first_run(cells):
    """How many cells with text follow one another from the first one on."""
    begin = next(position for position, cell in enumerate(cells) if cell)
    rest = cells[begin:]
    return rest.index("") if "" in rest else len(rest)


def test_rows_left_out_on_purpose_are_no_blank_rows():
    block = Block([2, 5], [["a", "b"]], [None], {}, 6, left_out=[3])
    (batch,) = rebatch(iter([block]), width=1, header_row=1, rows_per_batch=9)

    assert batch.blank_rows == 2
