"""Templates that name columns by letters alone, and files without headers."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from loader.errors import SourceError
from loader.mapping.judging import bind_to_table
from loader.mapping.letters import RULE
from loader.mapping.template import parse_template
from loader.source.open import open_table
from loader.source.reading import Reading

TEMPLATE = """template: 1
steps:
  - operation: loans.create
    key: displayId
    fields:
      displayId: %s
      LoanSetup.loanAmount: {column: {letter: B}, as: money}
      LoanSetup.contractDate: {column: {letter: C}, as: date, format: [MM/DD/YYYY, DD/MM/YYYY]}
"""
BY_LETTER, BY_HEADER = "{column: {letter: A}}", "Loan"
AS_HEADER = "L0,10.00,12/25/2017"


@pytest.fixture
def bound(tmp_path):
    def bind(header, number=BY_LETTER):
        path = tmp_path / "loans.csv"
        path.write_text(f"{header}\nL1,20.00,12/25/2017\n", encoding="utf-8")
        table = open_table(path, Reading(letters_used=frozenset("ABC")))
        return bind_to_table(parse_template((TEMPLATE % number).encode(), "t.yaml"), table)

    return bind


def test_a_row_of_values_is_never_taken_for_headers(bound):
    """It would be lost without a word."""
    with pytest.raises(
        SourceError, match=r"row 1 is to hold the headers, and holds values in columns B, C$"
    ) as caught:
        bound(AS_HEADER)
    assert "L0" not in f"{caught.value}{caught.value.hint}"


def test_a_row_of_words_is_told(bound):
    assert [RULE, "date.format-judged"] == [note.rule for note in bound("Loan,Amount,Day").notes]
    assert RULE in [note.rule for note in bound(",,").notes]


def test_a_header_that_is_named_proves_the_others(bound):
    """A header may be a number, such as a year."""
    assert RULE not in [note.rule for note in bound("Loan,2024,Day", BY_HEADER).notes]


def test_names_of_parquet_are_no_row(tmp_path):
    """A table without headers has numbers for them there."""
    pq.write_table(pa.table({"0": ["L1"], "1": ["20"], "2": ["2017-12-25"]}), tmp_path / "loans.parquet")
    table = open_table(tmp_path / "loans.parquet", Reading(letters_used=frozenset("ABC")))
    loaded = parse_template((TEMPLATE % BY_LETTER).encode(), "t.yaml")

    assert () == bind_to_table(loaded, table).notes
