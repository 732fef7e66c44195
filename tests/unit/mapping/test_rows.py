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


@pytest.mark.parametrize(
    ("written", "message"),
    [
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
