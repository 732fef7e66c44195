"""Templates whose customers are found by social security number and birth date."""

import re

import pytest
from fakes.personal import personal_template

from loader.errors import TemplateError
from loader.mapping.fit import check_fields
from loader.mapping.template import parse_template


@pytest.mark.parametrize(
    ("former", "now", "said"),
    [
        ("key: [ssn, birthDate]", "key: [birthDate, ssn]", "it is customId or [ssn, birthDate]"),
        ("key: [ssn, birthDate]", "key: [ssn, email]", "it is customId or [ssn, birthDate]"),
        ("key: [ssn, birthDate]", "key: [ssn]", "a list of at least two fields"),
        ("key: [ssn, birthDate]", "key: ssn", "it is customId or [ssn, birthDate]"),
        (", length: 9, pad: true}", "}", "needs `as: digits` and `length: 9`"),
        ("as: digits, length: 9, pad: true}", "as: text}", "needs `as: digits` and `length: 9`"),
        ("      birthDate:", "      Employer.hireDate:", "'birthDate' is not among the step's fields"),
        ("      ssn: {", "      ssn: {optional: true, ", "its column cannot be missing"),
        ("      ssn: {", "      ssn: {blank: omit, ", "a blank cell is always an error"),
        ("      email: Email\n", "      email: Email\n      __ignoreWarnings: {value: true}\n", "stops a second such"),
        ("by: [ssn, birthDate], role", "by: [ssn, birthDate], column: SSN, role", "what an earlier step of the row makes"),
        ("by: [ssn, birthDate], role", "by: [ssn, email], role", "not by [ssn, email]"),
        ("by: [ssn, birthDate], role", "by: ssn, column: SSN, role", "not by ssn"),
        ("by: [ssn, birthDate], role", "by: customId, role", "needs `column`"),
        ("key: [ssn, birthDate]\n    fields:\n", "key: customId\n    fields:\n      customId: Borrower No\n", "none makes customers"),
    ],
)  # fmt: skip
def test_templates_that_identify_nobody(former, now, said):
    """Said before anything is read, with the place."""
    text = personal_template()
    assert 1 == text.count(former)
    try:
        found = "\n".join(check_fields(parse_template(text.replace(former, now).encode(), "t.yaml")))
    except TemplateError as error:
        found = error.message

    assert said in found
    assert re.match(r"t\.yaml, line \d+, steps\[\d\]", found)


def test_the_template_of_the_tests_is_one():
    """Both steps fit, and so does a key without a link."""
    assert [] == check_fields(parse_template(personal_template().encode(), "t.yaml"))


def test_of_two_borrowers_in_a_row_none_can_be_meant():
    """A link names the step's key alone."""
    text = personal_template()
    start, end = text.index("  - operation: customers"), text.index("  - operation: loans")
    twice = text[:end] + text[start:end] + text[end:]
    (found,) = check_fields(parse_template(twice.encode(), "t.yaml"))

    assert "2 earlier steps make customers with that key" in found
