from datetime import date
from decimal import Decimal

import pytest

from loader.mapping.fit import check_fields, settled, type_of
from loader.mapping.template import parse_template, shipped_templates


def problem_of(template):
    [problem] = check_fields(template)
    return problem


@pytest.mark.parametrize("loaded", shipped_templates(), ids=lambda loaded: loaded.name)
def test_shipped_templates_fit_loanpro(loaded):
    """Every field, constant, default and choice is one that LoanPro takes."""
    assert check_fields(loaded) == []


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("loanAmount: {column: A, as: money}", "did you mean LoanSetup.loanAmount"),
        ("LoanSetup.loanAmnt: {column: A, as: money}", "LoanSetup.loanAmount"),
        ("LoanSetup.apr: {column: A, as: percent}", "is set by LoanPro"),
        ("id: A", "is set by LoanPro"),
        ("Payments: A", "not part of this request"),
        ("LoanSetup: A", "is an object"),
        ("Collateral.vin: A", "number the item"),
        ("LoanSetup.loanClass: {value: loan.class.consume}", 'did you mean "loan.class.consumer"?'),
        ("LoanSetup.loanClass: {column: A, as: choice, choices: {C: loan.class.car}}", "choices.C"),
        ("LoanSetup.loanClass: {column: A, default: consumer}", "default"),
        ("LoanSetup.loanClass: {column: A, as: money}", "use `as: choice`"),
        ("LoanSetup.loanAmount: A", "use `as: money`"),
        ("LoanSetup.loanRate: {column: A, as: date}", "`as: percent` or `as: fraction`"),
        ("LoanSetup.contractDate: {column: A, as: datetime}", "use `as: date`"),
        ("LoanSetup.contractDate: {value: 2024-02-30}", "type date"),
        ("LoanSetup.contractDate: {column: A, as: date, blank: empty}", 'blank: ""'),
        ("LoanSetup.loanAmount: {value: 12.345}", "type money"),
        ('LoanSetup.loanAmount: {value: "12.34"}', "type money"),
        ("LoanSetup.graceDays: {value: 1.5}", "whole number"),
        ("title: {value: 7}", "put it in quotes"),
    ],
)
def test_what_loanpro_would_not_take_is_told_with_line_and_nearest(loan_template, field, words):
    """Before a row is read."""
    found = problem_of(loan_template(field))

    assert found.startswith("t.yaml, line 7, steps[1].fields.")
    assert words in found


@pytest.mark.parametrize(
    ("links", "words"),
    [
        ("{Custmers: {to: customers, by: customId, column: B, role: primary}}", "did you mean Customers"),
        ("{Customers: {to: loans, by: customId, column: B, role: primary}}", "Customers.to: "),
        ("{Customers: {to: customers, by: ssn, column: B, role: primary}}", "by customId, not by ssn"),
        ("{Customers: {to: customers, by: customId, column: B, role: primry}}", "did you mean 'primary'?"),
        ("{Customers: {to: customers, by: customId, column: B}}", "a role is missing"),
    ],
)
def test_links_that_loanpro_does_not_know_are_told(loan_template, links, words):
    """A link of a wrong shape would be dropped without a word."""
    found = problem_of(loan_template("title: A", links=links))

    assert found.startswith("t.yaml, line 5, steps[1].links.")
    assert words in found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("loans.create", "loan.create"), "did you mean loans.create"),
        (("key: displayId", "key: title"), "cannot be the key"),
        (("displayId: A", "loanAlert: A"), "not among the step's fields"),
        (("displayId: A", "displayId: {value: x}"), "cannot be the same in every row"),
        (("displayId: A", "displayId: {column: A, default: x}"), "cannot have a default"),
        (("displayId: A", "displayId: {column: A, optional: true}"), "cannot be missing"),
        (("displayId: A", "displayId: {column: A, blank: null}"), "always an error"),
        (("totals: []", "totals: [LoanSetup.loanAmount]"), "not among the template's fields"),
        (("totals: []", "totals: [displayId]"), "is no number"),
    ],
)
def test_operation_key_and_totals(change, words):
    """A row without its own key could be created twice."""
    text = "template: 1\nsteps:\n- operation: loans.create\n  key: displayId\n  fields:\n    displayId: A\n    title: B\ntotals: []\n"

    assert words in problem_of(parse_template(text.replace(*change).encode(), "t.yaml"))


@pytest.mark.parametrize(
    ("path", "written", "value"),
    [
        ("LoanSetup.contractDate", "2024-01-31", date(2024, 1, 31)),
        ("title", "2024-01-31", "2024-01-31"),
        ("LoanSetup.active", False, 0),
        ("__ignoreWarnings", 1, True),
        ("LoanSetup.loanAmount", Decimal("5.10"), Decimal("5.10")),
        ("LoanSetup.loanAmount", None, None),
    ],
)
def test_constants_take_the_form_of_their_field(loan_template, path, written, value):
    """A date becomes a date only where a date is wanted."""
    found = settled(loan_template("title: A").template.steps[0], path, written)

    assert (type(value), value) == (type(found), found)


def test_the_models_know_what_is_personal():
    """A template need not say it."""
    step = parse_template(
        b"template: 1\nsteps: [{operation: customers.create, key: customId, fields: {customId: A}}]", "t.yaml"
    ).template.steps[0]

    assert [type_of(step, path).sensitive for path in ("ssn", "customId")] == [True, False]
