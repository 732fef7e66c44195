"""What a template says under `rows`."""

import pytest

from loader.errors import TemplateError
from loader.source.reading import StopAt


@pytest.fixture
def rows_of(loan_template):
    """The rows of a template whose `rows` are written thus."""

    def read(written):
        return loan_template("externalId: X", more=f"rows: {written}\n").template.rows

    return read


def test_where_the_rows_end(rows_of):
    """A column with its texts, or the first blank row, or nothing."""
    words = frozenset({"total", "grand total"})

    assert rows_of(
        "{stop_at: {column: [Loan No, {letter: c}], is: [Total, ' Grand  TOTAL']}}"
    ).ends == StopAt((("Loan No", ""), ("", "C")), words)
    assert rows_of("{stop_at: blank}").ends == StopAt()
    assert rows_of("{header: 3}").ends is None


def test_headers_of_several_rows(rows_of):
    assert rows_of("{header: [2, 3]}").header == (2, 3)
    assert rows_of("{header: 4}").header == (4,)
    assert rows_of("{}").header == (1,)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            "{header: [1, 3]}",
            "rows.header: rows of headers follow one another from top to bottom, as in [1, 2]",
        ),
        ("{header: []}", "rows.header: is empty"),
        ("{header: [1, x]}", "must be a whole number, not 'x'"),
        ("{hidden: show}", "rows.hidden: 'show' is not one of ask, include, skip"),
        ("{merged: spread}", "rows.merged: 'spread' is not one of refuse, fill"),
        (
            "{stop_at: empty}",
            "rows.stop_at: is `blank`, or a column with its texts, as in {column: Loan No, is: [Total]}",
        ),
        ("{stop_at: {column: A}}", "rows.stop_at: is `blank`, or"),
        (
            "{stop_at: {column: A, is: ['']}}",
            "rows.stop_at.is: a blank cell would end the rows at the first gap",
        ),
        ("{stop_at: {column: A, is: [x], at: 3}}", "rows.stop_at.at: is no key here"),
    ],
)
def test_what_is_wrong_is_said(rows_of, written, message):
    with pytest.raises(TemplateError) as caught:
        rows_of(written)
    assert message in caught.value.message


def test_the_column_that_ends_the_rows_must_be_there(bound):
    """Otherwise they would not end."""
    with pytest.raises(TemplateError, match='the file has no column "Sum"'):
        bound("title: X", "Loan", "X", more="rows: {stop_at: {column: Sum, is: Total}}\n")
