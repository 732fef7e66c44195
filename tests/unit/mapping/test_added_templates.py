"""Templates of steps that add to a loan: key, parent and marker."""

import pytest

from loader.errors import TemplateError
from loader.mapping.fit import check_fields
from loader.mapping.template import parse_template

FIELDS = "amount: {column: A, as: money}, date: {column: D, as: date}, info: I, paymentMethodId: {value: 4}, paymentTypeId: {value: 1}"
LOAN = "{Loan: {to: loans, by: displayId, column: L}}"


def problems(key="{column: P}", links=LOAN, more="", fields=FIELDS, operation="payments.create"):
    text = f"template: 1\nsteps:\n  - operation: {operation}\n    key: {key}\n    links: {links}\n    fields: {{{fields}}}\n{more}"
    return "\n".join(check_fields(parse_template(text.encode(), "t.yaml")))


@pytest.mark.parametrize(
    "key", ["{column: P}", "[P]", "row", "{column: P, as: digits}", "{join: {columns: [L, P], with: '-'}}"]
)
def test_a_key_is_a_column_or_the_row(key):
    """A list of columns needs the long form."""
    if key == "[P]":
        with pytest.raises(TemplateError, match=r"a list of at least two fields; .* a column as"):
            problems(key)
    else:
        assert "" == problems(key)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("info", "is {column: ...} with your own number of it, or row, and not 'info'"),
        ("{column: P, optional: true}", "its column cannot be missing"),
        ("{column: P, as: money}", "a key is text or digits, not money"),
        ("{as: text}", "needs a field, a list of fields, `row`, or one of `column` and `join`"),
        ("{colum: P}", "did you mean 'column'?"),
    ],
)
def test_a_wrong_key_is_told(key, said):
    """With its place in the template."""
    try:
        found = problems(key)
    except TemplateError as error:
        found = error.message

    assert said in found
    assert "steps[1].key" in found


@pytest.mark.parametrize(
    ("links", "said"),
    [
        ("{}", "needs exactly one link Loan"),
        (
            "{Loan: [{to: loans, by: displayId, column: L}, {to: loans, by: displayId, column: M}]}",
            "exactly one",
        ),
        ("{Loan: {to: customers, by: displayId, column: L}}", "Loan links loans, not customers"),
        ("{Loan: {to: loans, by: id, column: L}}", "found by displayId"),
        ("{Loan: {to: loans, by: displayId, column: L, role: primary}}", "Loan has no role"),
        ("{Loan: {to: loans, by: displayId, column: L, optional: true}}", "its column cannot be missing"),
        ("{Loan: {to: loans, by: displayId, column: L, blank: omit}}", "a blank cell is always an error"),
        (
            "{Customers: {to: customers, by: customId, column: L, role: primary}}",
            "payments.create has no link Customers",
        ),
    ],
)
def test_exactly_one_loan_is_named(links, said):
    """It is part of the path, and no row is without one."""
    assert said in problems(links=links)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("__logOnly: {value: false}", "__logOnly.value: false is not"),
        ("selectedProcessor: {value: 7}", "selectedProcessor.value: 7 is not"),
        ("paymentAccountId: {value: 7}", "is not part of this request: Of processed payments"),
        ("status: {value: payment.status.settled}", "is set by LoanPro"),
    ],
)
def test_processed_payments_are_refused(field, said):
    """This program records payments and moves no money."""
    assert said in problems(fields=f"{FIELDS}, {field}")


def test_recorded_only_may_be_said():
    """What is sent anyway may stand in the template."""
    assert "" == problems(fields=f"{FIELDS}, __logOnly: {{value: true}}, selectedProcessor: {{value: 0}}")


def test_the_marker_may_be_put_elsewhere():
    """Into a text of the payload that it can be found in."""
    assert "" == problems(more="    marker: comments\n")
    assert "cannot carry the marker of payments.create; it is info or comments" in problems(
        more="    marker: title\n"
    )


def test_a_loan_needs_no_marker_and_no_row():
    """It is found by its display id."""
    fields = "displayId: L"
    assert "does not belong to loans.create" in problems(
        "displayId", "{}", "    marker: title\n", fields, "loans.create"
    )
    assert "'row' cannot be the key of loans.create" in problems("row", "{}", "", fields, "loans.create")
    assert "a column cannot be the key of loans.create" in problems(
        "{column: L}", "{}", "", fields, "loans.create"
    )
