"""The header row of a text file, and the character between its cells."""

import pytest

from loader.errors import SourceError, UsageError
from loader.source.reading import Reading
from loader.source.text.csv_file import open_csv
from loader.source.text.csv_header import choose_separator, separator_of


@pytest.mark.parametrize(
    ("line", "separator"),
    [
        ("a,b;c;d", ","),
        ('"a,b";c', ";"),
        ("a\tb", "\t"),
        ("a|b|c;d", "|"),
        ("a;b|c", ";"),
        ("alone", ","),
        ('"a;b"', ","),
        ('"say ""x;y""",b', ","),
    ],
)
def test_separator_of_a_header_line(line, separator):
    """Comma wherever it stands outside quotes, else the most frequent of the others."""
    assert separator == choose_separator(line)


WANTED = frozenset({"Loan No", "Rate, yearly", "Principal"})


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_the_one_with_which_the_headers_are_those_wanted(csv_file, rows, separator):
    """A header that holds other separators, more of them than there are cells, misleads nobody."""
    path = csv_file(
        f'Loan No{separator}"Rate, yearly"{separator}"a;b;c|d|e\t\t,,,"\n1{separator}2{separator}3\n'
    )

    table = open_csv(path, Reading(headers_wanted=WANTED))

    assert separator == table.facts.delimiter
    assert [(2, ("1", "2", "3"))] == rows(table)


def test_commas_in_headers_outside_quotes_mislead_nobody(csv_file, rows):
    """Without the template the comma would win."""
    path = csv_file("loan no;Rate, yearly\n1;8,2\n")

    assert [(2, ("1", "8,2"))] == rows(open_csv(path, Reading(headers_wanted=WANTED)))


def test_the_users_word_wins(csv_file, rows):
    path = csv_file("Loan No;Rate^Principal\n1;2^3\n")

    assert [(2, ("1;2", "3"))] == rows(open_csv(path, Reading(headers_wanted=WANTED, delimiter="^")))


def test_a_separator_that_leaves_no_header_shows_what_they_would_be(csv_file):
    path = csv_file("Loan No;Principal\n1;2\n")

    with pytest.raises(
        SourceError, match='row 1: with a comma between cells the headers are "Loan No;Principal", and'
    ) as caught:
        open_csv(path, Reading(headers_wanted=WANTED, delimiter=","))
    assert "`--delimiter semicolon`" in caught.value.hint


def test_a_row_of_data_in_the_place_of_the_headers_is_not_shown(csv_file):
    """Whoever forgets the header row must not read a birth date or a mail address on the screen."""
    path = csv_file("L1 900-11-0001;a@example.com 11/29/1952;Maine 2\n")

    with pytest.raises(SourceError, match=r'are "L1 \*\*\*", "\*\*\* \*\*\*", "Maine 2", and'):
        open_csv(path, Reading(headers_wanted=WANTED, delimiter=";"))


def test_a_separator_that_cannot_be_found_is_asked_for(csv_file):
    with pytest.raises(SourceError, match=r'the headers are "Loan No\^Principal"') as caught:
        open_csv(csv_file("Loan No^Principal\n1^2\n"), Reading(headers_wanted=WANTED))
    assert "--delimiter" in caught.value.hint


@pytest.mark.parametrize(
    ("said", "meant"),
    [("tab", "\t"), (r"\t", "\t"), ("Semicolon", ";"), (";", ";"), ("^", "^"), (" ", " "), ("\x1f", "\x1f")],
)
def test_separators_have_words(said, meant):
    assert meant == separator_of(said)


@pytest.mark.parametrize("said", ["", "ab", "a", "7", '"', "\n", "\0", "§"])
def test_what_cannot_stand_between_cells(said):
    with pytest.raises(UsageError, match="cannot stand between cells"):
        separator_of(said)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_excels_line_that_names_the_separator_is_no_row(csv_file, rows, mark, end):
    """Excel hides it: row 1 is the header row behind it, on line 2."""
    table = open_csv(csv_file(mark + end.join(["sep=;", "Loan,No;T", "1;a"]).encode()))
    (batch,) = table.batches()

    assert [header.name for header in table.headers] == ["Loan,No", "T"]
    assert ([2], [3]) == (list(batch.rows), list(batch.lines))
    assert ["csv.separator-line"] == [note.rule for note in table.notes]


@pytest.mark.parametrize("separator", ["^", "~", " ", ":", "\x1f", "'", "\\"])
def test_unusual_separators_are_read_alike_in_both_ways(csv_file, rows, separator):
    """Those that mean something to the fast parser as well."""
    path = csv_file(f"A{separator}B\n1{separator}x\n2{separator}\n")

    assert [(2, ("1", "x")), (3, ("2", ""))] == rows(open_csv(path, Reading(delimiter=separator)))


def test_header_row_beyond_what_is_read_first(csv_file, rows):
    """Rows above may be long and many."""
    above = "".join(f"{'x' * 9_000},{n}\n" for n in range(29))

    assert [(31, ("1", "2"))] == rows(open_csv(csv_file(above + "A;B\n1;2\n"), Reading(header_row=30)))


def test_ten_thousand_columns(csv_file, rows):
    width = 10_000
    names, cells = [f"Column {n}" for n in range(width)], [str(n) for n in range(width)]
    ((row, found),) = rows(open_csv(csv_file("\t".join(names) + "\n" + "\t".join(cells) + "\n")))

    assert (2, cells) == (row, list(found))


def test_a_cell_of_many_megabytes_is_an_unclosed_quote(csv_file):
    with pytest.raises(SourceError, match="row 2: the row does not end within"):
        list(open_csv(csv_file("A,B\n1," + "x" * (30 << 20))).batches())
    with pytest.raises(SourceError, match="row 1: the row does not end within"):
        open_csv(csv_file("A" * (30 << 20)))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_headers_of_two_rows(csv_file, rows, separator):
    """As a spreadsheet writes merged cells into CSV: the text above stands over the first of its columns alone."""
    lines = [["", "Borrower", "", ""], ["Loan No", "First", "Last", "Rate"], ["1", "a", "b", "2"]]
    path = csv_file("\n".join(separator.join(line) for line in lines))
    wanted = frozenset({"Loan No", "Borrower First", "Borrower Last", "Rate"})
    table = open_csv(path, Reading(header_row=2, header_rows=2, headers_wanted=wanted))

    assert ["Loan No", "Borrower First", "Borrower Last", "Rate"] == [header.name for header in table.headers]
    assert [(3, ("1", "a", "b", "2"))] == rows(table)
    assert (2, 2) == (table.header_row, table.facts.header_rows)


def test_a_row_above_that_is_wider_by_blanks_adds_no_column(csv_file, rows):
    path = csv_file("x,,,\nA,B\n1,2\n")

    assert [(3, ("1", "2"))] == rows(open_csv(path, Reading(header_row=2, header_rows=2)))


@pytest.mark.parametrize("separator", [",", ";", "|"])
def test_headers_below_a_title_are_told_with_their_row(csv_file, separator):
    """Whatever stands between cells, of which the title shows nothing."""
    header = separator.join(["Loan No", "Principal", "Other"])
    path = csv_file(f"Export of May, 2026\n\n{header}\n1{separator}2{separator}3\n")

    with pytest.raises(SourceError, match="row 3 holds 2") as caught:
        open_csv(path, Reading(headers_wanted=WANTED))
    assert "header: 3" in caught.value.hint
