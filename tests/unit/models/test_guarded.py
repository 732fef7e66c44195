"""Which requests LoanPro itself would refuse to take twice (LoanPro reference 2.4, 4.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.models.guarded import is_guarded, may_be_guarded

ADDRESS = {"address1": "1 Main St", "city": "Provo"}
IGNORE = {"__ignoreWarnings": True}


@pytest.mark.parametrize(
    ("group", "payload", "guarded"),
    [
        ("loans", {"displayId": "L1"}, True),
        ("loans", {"displayId": "L1", **IGNORE}, False),
        ("loans", {"displayId": "L1", "Collateral": IGNORE}, False),
        ("customers", {"customId": "B1", "firstName": "Ada"}, False),
        ("customers", {"customId": "B1", "ssn": "900000001"}, False),
        ("customers", {"customId": "B1", "ssn": "900000001", "birthDate": "1980-01-02"}, True),
        ("customers", {"customId": "B1", "email": "ada@example.com"}, True),
        ("customers", {"customId": "B1", "email": None}, False),
        ("customers", {"customId": "B1", "Phones": {"results": [{"phone": "8015551234"}]}}, True),
        ("customers", {"customId": "B1", "Phones": {"results": [{"phone": "8015551234", **IGNORE}]}}, False),
        ("customers", {"customId": "B1", "PrimaryAddress": ADDRESS}, True),
        ("customers", {"customId": "B1", "MailAddress": {**ADDRESS, **IGNORE}}, False),
        ("customers", {"customId": "B1", "PrimaryAddress": ADDRESS, "__ignoreWarnings": False}, True),
        ("payments", {"amount": "1.00", "email": "x"}, False),
    ],
)
def test_what_would_be_warned_of(group, payload, guarded):
    """A second one of the same kind is recognised, and nothing in the payload switches the warning off."""
    assert guarded is is_guarded(group, payload)


@pytest.mark.parametrize(
    ("group", "paths", "guarded"),
    [
        ("loans", ["displayId", "LoanSetup.loanAmount"], True),
        ("loans", ["displayId", "Collateral.__ignoreWarnings"], False),
        ("customers", ["customId", "ssn"], False),
        ("customers", ["customId", "Phones[1].phone"], True),
        ("customers", ["customId", "PrimaryAddress.city", "__ignoreWarnings"], False),
    ],
)
def test_what_a_template_tells_of_it(group, paths, guarded):
    """Without any row: which of LoanPro's warnings the fields can raise."""
    assert guarded is may_be_guarded(group, paths)


@given(
    st.recursive(
        st.sampled_from([True, False, None, 0, 1, "", "x"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["__ignoreWarnings", "a", "b"]), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_warnings_may_be_ignored_at_any_depth(value):
    """A switch that is on anywhere counts, however deep it lies; one that is off, and a mere text, does not."""
    on = _switched_on(value)

    assert is_guarded("loans", {"displayId": "L1", "Nested": value}) is not on


def _switched_on(value):
    match value:
        case dict():
            return bool(value.get("__ignoreWarnings")) or any(map(_switched_on, value.values()))
        case list():
            return any(map(_switched_on, value))
    return False
