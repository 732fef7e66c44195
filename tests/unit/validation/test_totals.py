"""A row of totals that would be sent as a loan is refused, whatever file it comes from."""

import csv
import re
from itertools import islice
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from loader.models.totals import says_totals
from loader.opening import Source
from loader.validation.no_row import no_row, that_are_no_rows

SAMPLE = Path(__file__).parents[3] / "samples" / "portfolio.csv"


@pytest.mark.parametrize(
    "text", ["Total", " TOTALS: ", "Grand  total", "Subtotal", "Sub-total", "sum", "Overall Total"]
)
def test_words_of_totals(text):
    assert says_totals(text)


@pytest.mark.parametrize("text", ["", "Total Auto", "Summer", "TOT-1", "Sumner", "total 5"])
def test_other_words_are_none(text):
    assert not says_totals(text)


def test_a_key_that_says_totals_is_refused(tmp_path):
    """All its cells may be filled and right; a number of the lender's it is not."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        header, first, second = islice(csv.reader(file), 3)
    second[header.index("Loan No")] = "Grand Total"
    with (tmp_path / "loans.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, first, second])
    (batch,) = Source(tmp_path / "loans.csv", "portfolio").open().checked_batches(b"")
    good, totals = batch.rows()

    assert not good.issues
    assert [(issue.rule, issue.column) for issue in totals.issues] == [("row.totals", "Loan No")]
    assert totals.steps[1].payload is None


def test_a_row_of_totals_has_no_other_problem(tmp_path):
    """Its cells are blank, and nobody should fill them."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        header, first = islice(csv.reader(file), 2)
    totals = ["Total" if name == "Loan No" else "9.00" if name == "Principal" else "" for name in header]
    with (tmp_path / "loans.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, first, totals])
    (batch,) = Source(tmp_path / "loans.csv", "portfolio").open().checked_batches(b"")

    assert ["row.totals"] == [issue.rule for issue in batch.rows()[1].issues]
    assert {None} == {step.payload for step in batch.rows()[1].steps}


def test_the_advice_about_totals_can_be_copied_into_the_template():
    """A sign of YAML in the header or in the word takes nothing away."""
    issue = no_row("Total", "Loan #", "displayId")
    (advised,) = re.findall("`(.*)`", issue.advice)

    assert {"rows": {"stop_at": {"column": "Loan #", "is": ["Total"]}}} == yaml.safe_load(advised)


@given(
    st.lists(
        st.sampled_from(
            [
                "Total",
                "grand\ttotal",
                "\u017fum",
                "L1",
                "Loan  no",
                " loan no ",
                "Loan No",
                "summer",
                "Kü",
                "\0",
            ]
        ),
        max_size=6,
    ),
    st.sampled_from(["", " ", "Loan No", "Kü", "LOAN\tNO", "\0"]),
)
def test_a_column_of_keys_shows_the_same_rows_as_each_key(keys, header):
    """Spaces, capitals and signs beyond ASCII included."""
    expected = [at for at, key in enumerate(keys) if no_row(key, header, "displayId") is not None]

    assert expected == that_are_no_rows(keys, header)
