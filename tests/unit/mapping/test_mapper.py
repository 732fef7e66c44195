from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.mapping.binding import bind
from loader.mapping.mapped import BAD, OMITTED
from loader.mapping.template import parse_template
from loader.models.issue import Issue, Severity
from loader.source.table import BadRow, Batch, Header, Kind, column_letter

AMOUNT = "LoanSetup.loanAmount: {column: Amount, as: money}"


def values(mapped, path):
    return next(list(f.values) for step in mapped.steps for f in step.fields if f.path == path)


def test_cells_become_payload_values_row_by_row(bound, batch_of):
    """Text, amounts and dates under their paths, in the order of the file."""
    mapper = bound(AMOUNT + "\nLoanSetup.contractDate: {column: Date, as: date}", "Loan", "Amount", "Date")
    mapped = mapper.map(
        batch_of([(" L1 ", "$1,000.50", "2017-03-09"), ("L2", "5", (Kind.DATE, "2018-01-01"))])
    )

    assert values(mapped, "displayId") == ["L1", "L2"]
    assert [Decimal("1000.50"), Decimal(5)] == values(mapped, "LoanSetup.loanAmount")
    assert [date(2017, 3, 9), date(2018, 1, 1)] == values(mapped, "LoanSetup.contractDate")
    assert mapped.issues == {}


def test_a_refused_cell_is_an_issue_with_its_place_and_value(bound, batch_of):
    """The other rows are not touched by it."""
    mapped = bound(AMOUNT, "Loan", "Amount").map(batch_of([("L1", "1,23"), ("L2", "5"), ("L3", "N/A")]))

    assert [BAD, Decimal(5), BAD] == values(mapped, "LoanSetup.loanAmount")
    assert sorted(mapped.issues) == [0, 2]
    assert mapped.issues[2] == [
        Issue(
            rule="money.placeholder",
            message='"N/A" stands where an amount should',
            advice="clear the cell if there is none, or write the number; "
            "if it means nothing, declare it in the template: `null: [...]`",
            severity=Severity.ERROR,
            field="LoanSetup.loanAmount",
            column="Amount",
            letter="B",
            value="N/A",
            sensitive=False,
        )
    ]


def test_a_sensitive_value_is_in_the_issue_but_never_in_its_words(bound, batch_of):
    """The rejected workbook alone shows it."""
    mapper = bound("LoanSetup.loanAmount: {column: Amount, as: money, sensitive: true}", "Loan", "Amount")
    [issue] = mapper.map(batch_of([("L1", "123-45-6789")])).issues[0]

    assert (issue.value, issue.sensitive) == ("123-45-6789", True)
    assert not {"123", "6789"} & set(issue.message.replace("-", " ").split())


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("", OMITTED),
        (", blank: null", None),
        (", blank: empty", ""),
        (", default: none", "none"),
        (", blank: error", BAD),
    ],
)
def test_a_blank_cell_is_what_the_template_says(bound, batch_of, option, value):
    """White space alone is blank."""
    mapped = bound(f"title: {{column: T{option}}}", "Loan", "T").map(batch_of([("L1", "  "), ("L2", "x")]))

    assert [value, "x"] == values(mapped, "title")
    assert (["cell.blank"] if value is BAD else []) == [
        i.rule for found in mapped.issues.values() for i in found
    ]


def test_a_blank_key_is_always_an_error(bound, batch_of):
    """Without it a lost answer could not be settled."""
    mapped = bound("title: T", "Loan", "T").map(batch_of([(" ", "x"), ("L2", "y")]))

    assert values(mapped, "displayId") == [BAD, "L2"]
    assert {at: [i.rule for i in found] for at, found in mapped.issues.items()} == {0: ["cell.blank"]}


def test_a_default_and_a_choice_have_their_fields_type(bound, batch_of):
    """As the payload wants them, not as YAML reads them."""
    fields = "LoanSetup.contractDate: {column: D, as: date, default: 2020-02-29}\nLoanSetup.active: {column: A, as: choice, choices: {a: true, b: false}}"
    mapped = bound(fields, "Loan", "D", "A").map(batch_of([("L1", "", "a"), ("L2", "2017-03-09", "b")]))

    assert [date(2020, 2, 29), date(2017, 3, 9)] == values(mapped, "LoanSetup.contractDate")
    assert values(mapped, "LoanSetup.active") == [1, 0]


def test_a_missing_optional_column_is_blank_in_every_row(bound, batch_of):
    """With the default, where there is one."""
    fields = "title: {column: T, optional: true, default: x}\nloanAlert: {column: A, optional: true}"
    mapped = bound(fields, "Loan").map(batch_of([("L1",), ("L2",)]))

    assert values(mapped, "title") == ["x", "x"]
    assert values(mapped, "loanAlert") == [OMITTED, OMITTED]


@pytest.mark.parametrize(
    ("kind", "blank"),
    [("text", "omit"), ("text", "empty"), ("money", "omit"), ("money", "null"), ("date", "null")],
)
def test_a_missing_column_is_as_a_blank_one(bound, batch_of, kind, blank):
    """Whatever blank cells mean."""
    path = {"text": "title", "money": "LoanSetup.loanAmount", "date": "LoanSetup.contractDate"}[kind]
    fields = f"{path}: {{column: A, as: {kind}, optional: true, blank: {blank}}}"
    missing = bound(fields, "Loan").map(batch_of([("L1",), ("L2",), ("L3",)]))
    there = bound(fields, "Loan", "A").map(batch_of([("L1", ""), ("L2", ""), ("L3", "")]))

    assert list(values(there, path)) == list(values(missing, path))
    assert {} == missing.issues


def test_a_constant_stands_in_every_row_and_says_so(bound, batch_of):
    """It alone makes no nested object."""
    mapped = bound("title: {value: x}", "Loan").map(batch_of([("L1",), ("L2",)]))

    assert [(f.constant, f.path) for f in mapped.steps[0].fields] == [(False, "displayId"), (True, "title")]
    assert values(mapped, "title") == ["x", "x"]


def test_joined_and_split_columns(bound, batch_of):
    """Parts of names."""
    fields = 'title: {join: {columns: [A, B], with: "-"}}\nloanAlert: {column: C, split: {by: ",", part: 2}}'
    mapped = bound(fields, "Loan", "A", "B", "C").map(
        batch_of([("L1", "x", "y", "Doe, Jane"), ("L2", "", "z", "Doe")])
    )

    assert values(mapped, "title") == ["x-y", "z"]
    assert values(mapped, "loanAlert") == ["Jane", OMITTED]


def test_links_carry_their_keys(bound, batch_of):
    """Blank where no link is wanted; a refused key is an issue."""
    links = "{Customers: [{to: customers, by: customId, column: B, role: primary}, {to: customers, by: customId, column: C, role: secondary, as: digits}]}"
    mapped = bound("title: Loan", "Loan", "B", "C", links=links).map(
        batch_of([("L1", " B1 ", "1-2"), ("L2", "", "x")])
    )
    first, second = mapped.steps[0].links

    assert (first.keys, first.role) == (["B1", ""], "primary")
    assert (second.keys, second.role) == (["12", ""], "secondary")
    assert {at: [(i.rule, i.field, i.letter) for i in found] for at, found in mapped.issues.items()} == {
        1: [("digits.not-digits", "Customers", "C")]
    }


def test_a_link_can_be_required(bound, batch_of):
    """A loan without its borrower."""
    links = "{Customers: {to: customers, by: customId, column: B, role: primary, blank: error}}"

    assert list(
        bound("title: Loan", "Loan", "B", links=links).map(batch_of([("L1", "x"), ("L2", "")])).issues
    ) == [1]


def test_rows_left_out_have_a_reason_and_no_issues(bound, batch_of):
    """Whatever stands in their cells; the reason quotes the template."""
    mapper = bound(
        AMOUNT, "Loan", "Amount", "Status", more="rows: {skip_if: {column: Status, is: [Test, '']}}\n"
    )
    mapped = mapper.map(batch_of([("L1", "junk", " TEST"), ("L2", "5", "Open"), ("L3", "junk", " ")]))

    assert mapped.excluded == {0: '"Status" is "Test"', 2: '"Status" is blank'}
    assert mapped.issues == {}


def test_a_ragged_row_has_one_issue_and_is_never_left_out(bound, batch_of):
    """Its cells are unknown, so that nothing else can be said of it."""
    mapper = bound(
        "title: {column: T, blank: error}", "Loan", "T", more="rows: {skip_if: {column: T, is: ''}}\n"
    )
    bad = BadRow(2, "the row has 3 cells, 2 were expected", ("a", "b", "c"))
    mapped = mapper.map(batch_of([("", ""), ("L2", "x")], {0: bad}))

    assert mapped.excluded == {}
    assert {0: [("row.ragged", bad.message)]} == {
        at: [(i.rule, i.message) for i in f] for at, f in mapped.issues.items()
    }


TEMPLATE = b"""template: 1
rows: {skip_if: {column: C, is: [skip]}}
steps:
  - operation: loans.create
    key: displayId
    links: {Customers: {to: customers, by: customId, column: B, role: primary, as: digits}}
    fields:
      displayId: A
      title: {join: {columns: [A, B]}, blank: error}
      loanAlert: {column: C, split: {by: " ", part: 2}}
      LoanSetup.loanAmount: {column: B, as: money}
      LoanSetup.contractDate: {column: C, as: date, format: MM/DD/YYYY, blank: null}
      LoanSetup.loanClass: {column: A, as: choice, choices: {a: loan.class.other}, default: loan.class.consumer}
"""
CELL = st.tuples(
    st.sampled_from(list(Kind)),
    st.sampled_from(["", " ", "a", "A", "5", "$5", "1,2", "skip", "03/09/2017", "2017-03-09", "x y"]),
)


@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=8), st.integers(0, 7))
def test_a_batch_is_mapped_as_its_rows_are(rows, bad_at):
    """No row has any influence on another."""
    headers = tuple(Header(i, column_letter(i), name) for i, name in enumerate("ABC"))
    columns = list(zip(*rows, strict=True))
    whole = Batch(
        0,
        range(2, 2 + len(rows)),
        [[text for _, text in column] for column in columns],
        [bytes(kind for kind, _ in column) for column in columns],
        {bad_at: BadRow(2 + bad_at, "bad", ())} if bad_at < len(rows) else {},
        0,
    )
    loaded = parse_template(TEMPLATE, "t.yaml")
    mapped = bind(loaded, headers).map(whole)

    for at in range(len(rows)):
        one = replace(
            whole,
            rows=whole.rows[at : at + 1],
            columns=[column[at : at + 1] for column in whole.columns],
            kinds=[kinds[at : at + 1] for kinds in whole.kinds],
            bad_rows={0: whole.bad_rows[at]} if at in whole.bad_rows else {},
        )
        alone = bind(loaded, headers).map(one)
        assert [f.values[0] for f in alone.steps[0].fields] == [f.values[at] for f in mapped.steps[0].fields]
        assert [link.keys[0] for link in alone.steps[0].links] == [
            link.keys[at] for link in mapped.steps[0].links
        ]
        assert alone.issues.get(0) == mapped.issues.get(at)
        assert alone.excluded.get(0) == mapped.excluded.get(at)
