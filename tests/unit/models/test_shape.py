"""How columns become nested payloads."""

from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.models.customer import Customer
from loader.models.loan import Loan
from loader.models.shape import PayloadShape
from loader.models.structure import UnknownField


class Gap(Enum):
    OMITTED = 1
    BAD = 2


NO, BAD = Gap.OMITTED, Gap.BAD


def build(model, columns, constants=()):
    count = max((len(values) for values in columns.values()), default=0)
    return PayloadShape(model, list(columns), constants, tuple(Gap)).build(list(columns.values()), count)


def test_fields_nest_by_their_paths():
    """A plain field, an object, and two items of a list in its wrapper."""
    rows = build(
        Customer,
        {
            "firstName": ["Ann", "Bo"],
            "PrimaryAddress.city": ["Reno", "Elko"],
            "Phones[1].phone": ["1", "2"],
            "Phones[2].phone": ["3", "4"],
        },
    )

    assert rows == [
        {
            "firstName": "Ann",
            "PrimaryAddress": {"city": "Reno"},
            "Phones": {"results": [{"phone": "1"}, {"phone": "3"}]},
        },
        {
            "firstName": "Bo",
            "PrimaryAddress": {"city": "Elko"},
            "Phones": {"results": [{"phone": "2"}, {"phone": "4"}]},
        },
    ]


def test_a_constant_alone_does_not_make_a_phone():
    """A blank cell leaves out the whole item, and the list with it when no item is left."""
    rows = build(
        Customer,
        {
            "Phones[1].phone": ["1", NO, NO],
            "Phones[1].type": ["customer.phoneType.cell"] * 3,
            "Phones[2].phone": ["2", "3", BAD],
        },
        {"Phones[1].type"},
    )

    assert rows[0]["Phones"] == {
        "results": [{"phone": "1", "type": "customer.phoneType.cell"}, {"phone": "2"}]
    }
    assert rows[1]["Phones"] == {"results": [{"phone": "3"}]}
    assert rows[2] == {}


def test_an_object_of_constants_only_is_always_there():
    """The template wants it in every row."""
    rows = build(Loan, {"LoanSettings.secured": [1, 1], "displayId": ["A", NO]}, {"LoanSettings.secured"})

    assert rows == [{"displayId": "A", "LoanSettings": {"secured": 1}}, {"LoanSettings": {"secured": 1}}]


def test_an_object_inside_an_absent_object_goes_with_it():
    """An employer without a name has no address, even where that is a constant."""
    columns = {"Employer.companyName": ["Acme", NO], "Employer.Address.country": ["company.country.usa"] * 2}

    assert build(Customer, columns, {"Employer.Address.country"}) == [
        {"Employer": {"companyName": "Acme", "Address": {"country": "company.country.usa"}}},
        {},
    ]


def test_an_inner_value_keeps_the_outer_object():
    """The employer's city is a value of the employer's."""
    columns = {"Employer.companyName": [NO], "Employer.Address.city": ["Reno"], "Employer.title": ["Clerk"]}

    assert build(Customer, columns, {"Employer.title"}) == [
        {"Employer": {"title": "Clerk", "Address": {"city": "Reno"}}}
    ]


def test_a_constant_item_stays_beside_an_absent_one():
    """The second custom field is the template's own, the first is blank in this row."""
    columns = {
        "CustomFieldValues[1].customFieldId": [7, 7],
        "CustomFieldValues[1].customFieldValue": [NO, "x"],
        "CustomFieldValues[2].customFieldId": [8, 8],
        "CustomFieldValues[2].customFieldValue": ["batch 4", "batch 4"],
    }
    constants = set(columns) - {"CustomFieldValues[1].customFieldValue"}

    rows = build(Customer, columns, constants)

    fixed = {"customFieldId": 8, "customFieldValue": "batch 4"}
    assert {"CustomFieldValues": {"results": [fixed]}} == rows[0]
    assert [{"customFieldId": 7, "customFieldValue": "x"}, fixed] == rows[1]["CustomFieldValues"]["results"]


def test_a_null_is_a_value():
    """The template asked for it (`blank: null`)."""
    assert build(Customer, {"Phones[1].phone": [None]}) == [{"Phones": {"results": [{"phone": None}]}}]


def test_no_two_rows_share_an_object():
    """A change to one row's payload must not reach another's."""
    first, second = build(Loan, {"LoanSettings.secured": [1, 1]}, {"LoanSettings.secured"})

    assert first["LoanSettings"] is not second["LoanSettings"]


@pytest.mark.parametrize("paths", [["firstNam"], ["firstName", "firstName"], ["Phones.phone"]])
def test_a_shape_refuses_paths_that_lead_nowhere_or_twice(paths):
    """Found once for the file, before any row."""
    with pytest.raises(UnknownField):
        PayloadShape(Customer, paths)


def test_columns_must_fit_the_shape():
    """A shifted column would put values under the wrong field."""
    shape = PayloadShape(Customer, ["firstName", "lastName"])

    with pytest.raises(ValueError, match="2 columns of 2 values"):
        shape.build([["A", "B"], ["C"]], 2)
    with pytest.raises(ValueError, match="2 columns of 1 values"):
        shape.build([["A"]], 1)


def test_absent_values_are_members_of_an_enumeration():
    """They are told by their type, so that an ordinary value can never be one."""
    with pytest.raises(ValueError, match="members of an enumeration"):
        PayloadShape(Customer, ["firstName"], (), (NO,))


PATHS = [
    "firstName",
    "PrimaryAddress.city",
    "PrimaryAddress.country",
    "Phones[1].phone",
    "Phones[1].type",
    "Phones[2].phone",
    "Employer.companyName",
    "Employer.Address.city",
    "References[1].name",
]


def plainly(paths, values, constants):
    """One row's payload by the rule as it is written, without regard to speed."""

    def sourced(prefix):
        return [p for p in paths if p.startswith(prefix) and p not in constants]

    payload = {}
    items = {}
    for path, value in zip(paths, values, strict=True):
        parts = path.split(".")
        outer = [".".join(parts[: n + 1]) + "." for n in range(len(parts) - 1)]
        missing = [p for p in outer if sourced(p) and all(values[paths.index(s)] is NO for s in sourced(p))]
        if value is NO or missing:
            continue
        here = payload
        for part in parts[:-1]:
            name, _, number = part.rstrip("]").partition("[")
            if number:
                wrapper = here.setdefault(name, {"results": []})
                key = (id(wrapper), number)
                if key not in items:
                    items[key] = {}
                    wrapper["results"].append(items[key])
                here = items[key]
            else:
                here = here.setdefault(name, {})
        here[parts[-1]] = value
    return payload


@given(st.data())
def test_a_batch_is_its_rows_each_by_the_rule(data):
    """Whatever is blank: the fast way gives what the rule says, and a row never sees another row's values."""
    constants = data.draw(st.sets(st.sampled_from(PATHS), max_size=4))
    row = st.tuples(
        *(st.just(f"const {p}") if p in constants else st.sampled_from([NO, f"{p}"]) for p in PATHS)
    )
    rows = data.draw(st.lists(row, min_size=1, max_size=6))
    rows = [
        tuple(
            v if v is NO or p in constants else f"{v} of row {number}"
            for p, v in zip(PATHS, values, strict=True)
        )
        for number, values in enumerate(rows)
    ]

    built = PayloadShape(Customer, PATHS, constants, tuple(Gap)).build(
        list(zip(*rows, strict=True)), len(rows)
    )

    assert [plainly(PATHS, values, constants) for values in rows] == built
