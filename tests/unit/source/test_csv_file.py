"""CSV files: every cell exactly as it stands in the file, under the row number that a spreadsheet shows."""

import hashlib

import pytest

from loader.errors import SourceError
from loader.source.reading import Reading
from loader.source.table import ROWS_PER_BATCH, BadRow, Header
from loader.source.text.csv_file import open_csv


def test_every_cell_is_text_as_it_stands(csv_file, rows):
    """Leading zeros, `NA`, exponents, padding and quotes survive; a quoted empty text equals a blank one."""
    path = csv_file(
        'A,B,C,D,E,F,G\n007,NA,1e5, padded ,,"",2017-01-01\nnull,nan,true,1_000,"a""b",\'x\',\\n\n'
    )

    assert rows(open_csv(path)) == [
        (2, ("007", "NA", "1e5", " padded ", "", "", "2017-01-01")),
        (3, ("null", "nan", "true", "1_000", 'a"b', "'x'", "\\n")),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("final", [True, False])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_byte_order_mark(csv_file, rows, end, final, mark):
    """All three line ends, with or without the last one, with or without a byte order mark."""
    text = end.join(["Loan,Name", "1,Çelik", "2,Ana"]) + (end if final else "")
    table = open_csv(csv_file(mark + text.encode()))

    assert (Header(0, "A", "Loan"), Header(1, "B", "Name")) == table.headers
    assert rows(table) == [(2, ("1", "Çelik")), (3, ("2", "Ana"))]


def test_quoted_line_break_does_not_start_a_row(csv_file, rows):
    """A row is what a spreadsheet shows as a row, however many lines it takes."""
    path = csv_file('Loan,Note\n1,"two\nlines"\n2,"a\r\nb"\n3,x\n')

    assert rows(open_csv(path)) == [(2, ("1", "two\nlines")), (3, ("2", "a\r\nb")), (4, ("3", "x"))]


def lines_of(table, rows_per_batch=4_096):
    """Row number and line of every row."""
    return [
        pair
        for batch in table.batches(rows_per_batch)
        for pair in zip(batch.rows, batch.lines or batch.rows, strict=True)
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("odd", ["x", '5" wide'])  # with a quote inside a cell the csv module reads instead
@pytest.mark.parametrize("size", [1, 2, 100])
def test_line_is_told_where_a_cell_held_line_breaks(csv_file, end, odd, size):
    """The row number counts records, the line what a text editor shows; blank lines count in both."""
    text = end.join(["N,T", "1,a", '2,"b', 'c"', "", f"3,{odd}", '4,"d', "", 'e"', "5,f"])

    assert lines_of(open_csv(csv_file(text)), size) == [(2, 2), (3, 3), (5, 6), (6, 7), (7, 10)]


def test_lines_are_counted_from_the_beginning_of_the_file(csv_file):
    """A header of two lines moves every line; where none differs, none is kept."""
    assert lines_of(open_csv(csv_file('"Loan\nNo",T\n1,a\n2,b\n'))) == [(2, 3), (3, 4)]
    (batch,) = open_csv(csv_file("N,T\n1,a\n\n2,b\n")).batches()
    assert batch.lines is None


def test_lines_go_on_through_all_blocks(csv_file):
    path = csv_file("N,T\n" + "".join(f'{n},"{"z" * 60}\n"\n' for n in range(60_000)))

    assert lines_of(open_csv(path)) == [(n + 2, 2 * n + 2) for n in range(60_000)]


def test_blank_rows_count_in_the_numbering(csv_file, only_batch):
    """Empty lines, lines of separators and of blanks are no rows, and move the numbers of those behind."""
    batch = only_batch(open_csv(csv_file('A,B\n\n1,2\n,\n , \n"",\n3,4\n,,,\n\n')))

    assert batch.rows == [3, 7]
    assert batch.columns == [["1", "3"], ["2", "4"]]
    assert batch.blank_rows == 6
    assert batch.bad_rows == {}


def test_blank_rows_are_told_by_the_batch_that_follows_them(csv_file):
    """The counts of all batches sum to the blank rows of the file, those at its end included."""
    table = open_csv(csv_file("A\n1\n2\n\n\n3\n4\n\n5\n6\n\n\n\n"))

    assert [(b.rows, b.blank_rows) for b in table.batches(2)] == [([2, 3], 0), ([6, 7], 2), ([9, 10], 4)]
    assert [batch.first_ordinal for batch in table.batches(2)] == [0, 2, 4]


def test_row_of_another_width_is_bad_and_never_shifted(csv_file, only_batch):
    """A short and a long row stand in their place, blank, with the counts and what was read."""
    batch = only_batch(open_csv(csv_file("A,B,C\n1,2,3\n4,5\n6,7,8,9\n1,2,3,\n7,8,9\n")))

    assert batch.rows == [2, 3, 4, 5, 6]
    assert batch.columns == [["1", "", "", "", "7"], ["2", "", "", "", "8"], ["3", "", "", "", "9"]]
    assert {
        1: BadRow(3, "the row has 2 cells where the header row has 3", ("4", "5")),
        2: BadRow(
            4,
            "the row has 4 cells where the header row has 3; often a text with a separator in it is not in quotes",
            ("6", "7", "8", "9"),
        ),
        3: BadRow(
            5,
            "the row has 4 cells where the header row has 3; the extra cells are empty",
            ("1", "2", "3", ""),
        ),
    } == batch.bad_rows


def test_bad_row_keeps_its_place_behind_blank_rows_and_across_batches(csv_file):
    """The position of a bad row is that in its own batch."""
    table = open_csv(csv_file("A,B\n1,2\n\n3,4\n5\n,\n6,7\n8\n"))

    assert [
        {position: bad.row for position, bad in batch.bad_rows.items()} for batch in table.batches(2)
    ] == [{}, {0: 5}, {0: 8}]


def test_rows_above_the_headers_are_passed_over(csv_file, rows):
    """Rows above may have any width; quoted line breaks in them count once."""
    table = open_csv(csv_file('Export;x;"May\n2026"\n\nLoan;Rate\n1;8,2\n'), Reading(header_row=3))

    assert [header.name for header in table.headers] == ["Loan", "Rate"]
    assert rows(table) == [(4, ("1", "8,2"))]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separator_is_found_in_the_header_line(csv_file, rows, separator):
    path = csv_file(f'Loan{separator}"Note"\n1{separator}"x{separator}y"\n')

    assert [(2, ("1", f"x{separator}y"))] == rows(open_csv(path))


def test_tab_wins_in_a_file_named_so(csv_file, rows):
    assert rows(open_csv(csv_file("Loan\tRate, yearly\n1\t2\n", "loans.tsv"))) == [(2, ("1", "2"))]


def test_headers_alone_give_no_batches(csv_file):
    """A file without rows opens; what it means is for the caller to say."""
    assert list(open_csv(csv_file("A,B")).batches()) == []
    assert list(open_csv(csv_file("A,B\n\n,\n")).batches()) == []


def test_batches_have_the_size_asked_for(csv_file, rows):
    """Rows are cut evenly, whatever blocks the file is read in, and can be read again."""
    path = csv_file("N,Text\n" + "".join(f"{n},{'x' * 60}\n" for n in range(50_000)))
    table = open_csv(path)

    assert [len(batch.rows) for batch in table.batches(20_000)] == [20_000, 20_000, 10_000]
    for _ in range(2):
        assert [(n + 2, (str(n), "x" * 60)) for n in range(50_000)] == rows(table)


def test_batches_of_short_rows_are_no_larger_than_others(csv_file):
    """Whatever is made of a row takes its place in memory, however short the row is."""
    batches = list(open_csv(csv_file("N,T\n" + "1,2\n" * 50_000)).batches())

    assert 50_000 == sum(len(batch.rows) for batch in batches)
    assert max(len(batch.rows) for batch in batches) <= ROWS_PER_BATCH


def test_one_bad_row_in_a_large_file_changes_no_other(csv_file, rows):
    """Only the block with the uneven row goes the slow way; every other row keeps number and text."""
    lines = [f"{n},{'y' * 60}\n" for n in range(60_000)]
    lines[40_000] = "40000\n"
    lines[40_001] = '40001,"5"" wide, ""q"""\n'
    lines[40_002] = '40002,5" wide\n'
    found = rows(open_csv(csv_file("N,Text\n" + "".join(lines))))

    assert found[40_000] == (40_002, ("", ""))
    assert found[40_001] == (40_003, ("40001", '5" wide, "q"'))
    assert found[40_002] == (40_004, ("40002", '5" wide'))
    del found[40_000:40_003]
    assert all(row == int(n) + 2 and text == "y" * 60 for row, (n, text) in found)


def test_unclosed_quote_names_the_row_where_it_opens(csv_file):
    """The rest of the file is not swallowed, however long it is."""
    text = "N,Text\n" + "1,a\n" * 10 + '2,"open\n' + "3,c\n" * 1_000_000

    with pytest.raises(SourceError, match=r"loans.csv, row 12: the row does not end within 1,048,576 bytes"):
        list(open_csv(csv_file(text)).batches())
    with pytest.raises(SourceError, match=r"loans.csv, row 12: a quoted cell is not closed"):
        list(open_csv(csv_file(text[:200])).batches())


@pytest.mark.parametrize(
    ("rest", "place"),
    [
        ('3,"open\n4,d\n', r"row 3 \(line 4\): a quoted cell is not closed"),
        ('3,"x",y"z"\n4,"x"y\n', r"row 4 \(line 5\): text follows the closing quote"),
        ("3,c\n4,\0\n", r"row 4 \(line 5\): there is a NUL"),
        ('3,"a\nb\0"\n', r"row 3 \(line 5\): there is a NUL"),
        ("3,c\n4,\x1f\udcff\n", r"row 4 \(line 5\): the text is not UTF-8"),
        ("3," + "x" * (1 << 20), r"row 3 \(line 4\): the row does not end"),
    ],
)
def test_failures_name_the_line_too_where_it_is_not_the_row(csv_file, rest, place):
    """The line is what a text editor shows, where such a file is mended."""
    content = ('\ufeffA,B\n1,"two\nlines"\n' + rest).encode("utf-8", "surrogateescape")

    with pytest.raises(SourceError, match=place):
        list(open_csv(csv_file(content)).batches())


def test_mixed_line_ends_in_one_file(csv_file, rows):
    """As files have that were put together from several systems."""
    path = csv_file("N,T\r\n1,a\n2,b\r3,c\r\n4,d\n\r\n5,e")

    assert [(2, ("1", "a")), (3, ("2", "b")), (4, ("3", "c")), (5, ("4", "d")), (7, ("5", "e"))] == rows(
        open_csv(path)
    )


@pytest.mark.parametrize("content", ["A\n1\n2\n", '"A"\r\n"1"\r\n2'])
def test_a_single_column(csv_file, rows, content):
    assert [(2, ("1",)), (3, ("2",))] == rows(
        open_csv(csv_file(content), Reading(headers_wanted=frozenset({"a"})))
    )


def test_a_later_fault_waits_until_it_is_read(csv_file):
    """Opening a file whose headers are those wanted looks at no row below them."""
    path = csv_file('A,B\n1,2\n3,"open\n')
    table = open_csv(path, Reading(headers_wanted=frozenset("AB")))

    with pytest.raises(SourceError, match="row 3"):
        list(table.batches())


def test_text_behind_a_closing_quote_is_refused(csv_file):
    """It is the usual trace of an unclosed quote some lines above."""
    table = csv_file('N,Text\n1,a\n2,"open\n3,"x",y\n')

    with pytest.raises(SourceError, match="row 3: text follows the closing quote of a cell") as caught:
        list(open_csv(table).batches())
    assert "written twice" in caught.value.hint


def test_nul_byte_is_refused(csv_file):
    with pytest.raises(SourceError, match=r"row 3: there is a NUL byte \(offset 9 in the file\)"):
        list(open_csv(csv_file(b"A,B\n1,2\n3\0,4\n")).batches())


def test_text_of_another_encoding_names_byte_and_row(csv_file):
    """What to do is said as the spreadsheet program calls it."""
    with pytest.raises(
        SourceError, match=r"row 3: the text is not UTF-8 \(byte 0xE9 at offset 12 in the file\)"
    ) as caught:
        list(open_csv(csv_file(b"\xef\xbb\xbfA,B\n1,2\nR\xe9my,4\n")).batches())
    assert "CSV UTF-8" in caught.value.hint


def test_byte_order_mark_within_the_file_is_kept(csv_file, rows):
    """Only the one at the beginning of the file is no text."""
    assert rows(open_csv(csv_file("A,B\n\ufeffx,1\n"))) == [(2, ("\ufeffx", "1"))]


def test_digest_is_that_of_the_bytes(csv_file):
    path = csv_file("A,B\r\n1,2\r\n")

    assert hashlib.sha256(b"A,B\r\n1,2\r\n").hexdigest() == open_csv(path).digest


def test_file_that_changes_while_it_is_read_is_refused(csv_file):
    """Rows that are not those of the digest are never handed out as such."""
    path = csv_file("A,B\n1,2\n")
    table = open_csv(path)
    batches = table.batches()
    next(batches)
    path.write_text("A,B\n1,2\n3,4\n")

    with pytest.raises(SourceError, match="changed while it was being read"):
        list(batches)
    with pytest.raises(SourceError, match="changed while it was being read"):
        list(table.batches())


def test_columns_of_a_rejected_file_are_ours(csv_file, rows):
    """`Row`, `Problems`, `Advice` at the end are not the user's; elsewhere they are."""
    table = open_csv(csv_file("Loan,Rate,Row,Problems,Advice\n1,2,17,too high,mend it\n"))

    assert ["mended.origin-lost"] == [note.rule for note in table.notes]
    assert [header.name for header in table.headers] == ["Loan", "Rate"]
    assert rows(table) == [(2, ("1", "2"))]
    others = open_csv(csv_file("Row,Problems,Advice,Loan\n1,2,3,4\n"))
    assert ((), 4) == (others.notes, len(others.headers))
