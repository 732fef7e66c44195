"""The operations catalogue, look-ups by natural key, and links."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.models.customer import Customer
from loader.models.loan import Loan
from loader.models.look_up import odata_string, query_string
from loader.models.operation import ROLES, UnknownOperation, entity_id, link_value
from loader.models.operations import OPERATIONS, find_operation, operation_of
from loader.models.structure import locate
from loader.models.transactions import Charge, Credit, Note, Payment


def test_the_operations_are_those_of_the_reference():
    """Method, path and natural key of section 2.0."""
    found = {name: (o.method, o.path, o.model, o.key_fields) for name, o in OPERATIONS.items()}

    assert found == {
        "customers.create": ("POST", "odata.svc/Customers", Customer, ("customId",)),
        "loans.create": ("POST", "odata.svc/Loans", Loan, ("displayId",)),
        "payments.create": ("PUT", "odata.svc/Loans(id)", Payment, ()),
        "charges.create": ("PUT", "odata.svc/Loans(id)", Charge, ()),
        "credits.create": ("PUT", "odata.svc/Loans(id)", Credit, ()),
        "notes.create": ("PUT", "odata.svc/Loans(id)", Note, ()),
    }


def test_every_key_and_link_is_a_field_of_its_model():
    """The catalogue cannot drift from the models."""
    for operation in OPERATIONS.values():
        for key in operation.key_fields:
            assert locate(operation.model, key).field is not None
        for link in operation.links:
            assert locate(operation.model, f"{link.field}[1].__id").field is not None
            assert link.by in operation_of(link.to).key_fields
        for text in operation.marker_fields:
            assert locate(operation.model, text).field is not None
        if operation.parent:
            assert operation.parent.by in operation_of(operation.parent.to).key_fields


def test_an_unknown_operation_names_the_nearest():
    """A singular, a slip, and something else altogether."""
    with pytest.raises(
        UnknownOperation, match=r"there is no operation loan.create; did you mean loans.create"
    ):
        find_operation("loan.create")
    with pytest.raises(UnknownOperation) as caught:
        operation_of("customer")
    assert caught.value.nearest == ["customers"]


def test_look_ups_ask_odata_before_the_search():
    """The search's index may lag behind (section 7)."""
    odata, search = find_operation("loans.create").look_ups("L001000")

    assert (odata.method, odata.path, odata.body) == ("GET", "odata.svc/Loans", None)
    assert odata.query == {"$filter": "displayId eq 'L001000'", "$top": "2"}
    assert (search.method, search.path) == ("POST", "Loans/Autopal.Search()")
    assert search.query == {"$top": "25", "$start": "0", "$orderby": "id asc"}
    assert json.loads(search.body) == {
        "query": {
            "bool": {
                "must": [
                    {"query_string": {"query": "L001000", "default_operator": "AND", "fields": ["displayId"]}}
                ]
            }
        }
    }


def test_an_empty_key_looks_nothing_up():
    """It would find anything."""
    with pytest.raises(ValueError, match="identifies nothing"):
        find_operation("loans.create").look_ups("")


@pytest.mark.parametrize(("text", "literal"), [("O'Brien", "'O''Brien'"), ("''", "''''''"), ("a", "'a'")])
def test_quotes_are_doubled_in_odata(text, literal):
    """Else the key would end where the quote stands."""
    assert odata_string(text) == literal


@given(st.text())
def test_an_odata_literal_holds_its_text_whatever_it_is(text):
    """Nothing in a key can leave the quotes."""
    literal = odata_string(text)

    assert literal[0] == literal[-1] == "'"
    assert literal[1:-1].replace("''", "") == text.replace("'", "")
    assert literal[1:-1].count("'") == 2 * text.count("'")


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("A-1", r"A\-1"),
        ("a*b?", r"a\*b\?"),
        ('say "x"', r"say \"x\""),
        ("C:\\x/(1)", r"C\:\\x\/\(1\)"),
        ("a<b>c", "a b c"),
        ("OR 7", r"\OR 7"),
        ("ORDER", "ORDER"),
    ],
)
def test_reserved_characters_are_escaped_in_a_search(text, escaped):
    """Neither a wildcard nor an operator comes from a key."""
    assert query_string(text) == escaped


@pytest.mark.parametrize(
    ("entity", "matches"),
    [
        ({"displayId": "L1"}, True),
        ({"displayId": "l1"}, False),
        ({"displayId": "L1 "}, False),
        ({"displayId": None}, False),
        ({}, False),
        ({"displayId": True}, False),
    ],
)
def test_only_exactly_the_key_matches(entity, matches):
    """A search finds what is similar too."""
    assert find_operation("loans.create").matches(entity, "L1") is matches


def test_a_number_matches_as_its_text():
    """Search results may type a field otherwise; leading zeros still count."""
    operation = find_operation("customers.create")

    assert operation.matches({"customId": 1007}, "1007")
    assert not operation.matches({"customId": 7}, "007")


def test_a_link_is_the_short_form():
    """Section 2.5, the form that works today."""
    link = find_operation("loans.create").link("Customers")

    assert link_value(link, 36, "primary") == {"__id": 36, "__setLoanRole": "loan.customerRole.primary"}
    assert (
        link_value(link, 36, "loan.customerRole.secondary")["__setLoanRole"] == "loan.customerRole.secondary"
    )
    assert link.roles == ROLES == ("primary", "secondary", "additional", "unassigned")


def test_an_unknown_link_or_role_names_the_nearest():
    """Never sent: LoanPro would drop it and answer 200."""
    operation = find_operation("loans.create")

    with pytest.raises(UnknownOperation, match="did you mean Customers"):
        operation.link("Customer")
    with pytest.raises(UnknownOperation, match="did you mean primary"):
        link_value(operation.link("Customers"), 1, "primry")


@pytest.mark.parametrize(("entity", "number"), [({"id": 7}, 7), ({"id": "7"}, 7)])
def test_an_entity_has_an_id(entity, number):
    """LoanPro sends a number; text is taken too."""
    assert entity_id(entity) == number


@pytest.mark.parametrize(
    "entity", [{}, {"id": None}, {"id": 0}, {"id": True}, {"id": "x"}, {"id": -1}, {"id": 1.5}]
)
def test_no_id_is_never_guessed(entity):
    """An id that is not one must not reach the results."""
    with pytest.raises(ValueError, match="holds no id"):
        entity_id(entity)
