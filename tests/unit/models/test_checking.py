"""A column is checked as its values would be, one by one."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from loader.models.checking import ColumnCheck, validator_of
from loader.models.customer import Customer
from loader.models.fields import value_type
from loader.models.loan import Loan
from loader.models.structure import fields_by_name, nested
from loader.models.transactions import Charge, Credit, Note, Payment

MODELS = (Customer, Loan, Payment, Charge, Credit, Note)
VALUES = (
    st.sampled_from(
        [None, "", "x", "x" * 50, "x" * 51, "x" * 256, "geo.state.UT", "loan.type.lease", True, False, 0, 1, -1, 2**31, 2**63]
    )
    | st.sampled_from([1.5, date(2020, 1, 2), datetime(2020, 1, 2, 3, 4)])  # noqa: DTZ001
    | st.decimals(allow_nan=True, allow_infinity=True)
    | st.decimals(-(10**9), 10**9, places=2)
    | st.decimals(-(10**7), 10**7, places=4)
    | st.decimals(-(10**13), 10**13, places=3)
    | st.integers()
    | st.text(max_size=60)
    | st.just("\ud800")
    | st.dates()
)  # fmt: skip


def below(model, prefix=""):
    """Every plain field below a model: path, model of its object, name."""
    for name in fields_by_name(model):
        inner = nested(model, name)
        if inner is None:
            yield f"{prefix}{name}", model, name
        else:
            yield from below(inner[0], f"{prefix}{name}{'[1]' if inner[1] else ''}.")


LEAVES = [(root, *leaf) for root in MODELS for leaf in below(root)]


def one_by_one(model, name, values):
    """What becomes of each value, and the positions of those that are refused."""
    found, refused = [], []
    for at, value in enumerate(values):
        try:
            found.append(validator_of(model).validate_python({name: value})[name])
        except ValidationError:
            found.append(None)
            refused.append(at)
    return found, refused


def same(one, other):
    return type(one) is type(other) and str(one) == str(other)


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(LEAVES), st.lists(VALUES, min_size=1, max_size=8) | VALUES.map(lambda value: [value] * 3)
)
def test_a_column_is_checked_as_its_values_are(leaf, values):
    """Every field of every payload, values of every type; also columns of one type alone, which have their own way."""
    root, path, model, name = leaf
    for column in (values, [value for value in values if type(value) is type(values[0])]):
        expected, refused = one_by_one(model, name, column)
        found, faulty, are_written_out = ColumnCheck(root, path).check(column, set(map(type, column)))

        assert refused == list(faulty)
        assert len(column) == len(found)
        for at, (one, other) in enumerate(zip(expected, found, strict=True)):
            assert at in refused or same(one, other)
            assert (
                not are_written_out
                or at in refused
                or not re.search("[Ee][+-]", str(other))
                or type(other) is str
            )


@pytest.mark.parametrize("places", [2, 4])
def test_digits_are_counted_exactly(places):
    """On both sides of the point: the widest number that fits, and those that are one digit wider."""
    path = {2: "LoanSetup.loanAmount", 4: "LoanSetup.loanRate"}[places]
    whole = 11 - places
    column = [
        Decimal("9" * whole + "." + "9" * places),
        Decimal("-" + "9" * whole),
        Decimal("0." + "0" * places),
    ]
    wide = [Decimal("9" * (whole + 1)), Decimal("0." + "0" * places + "1")]

    assert (column, (), True) == ColumnCheck(Loan, path).check(column, {Decimal})
    assert [3, 4] == list(ColumnCheck(Loan, path).check([*column, *wide], {Decimal})[1])


class Told(dict):
    """A payload that remembers what it was asked for."""

    def __init__(self):
        super().__init__()
        self.asked = set()

    def get(self, name, default=None):
        self.asked.add(name)
        return super().get(name, default)

    __getitem__ = __contains__ = get


@pytest.mark.parametrize("relaxed", [True, False])
def test_models_name_the_fields_by_which_they_decide(relaxed):
    """Rows are sorted by these values, and by nothing else of what is required."""
    for model in {model for _, _, model, _ in LEAVES}:
        told = Told()
        model.required_fields(told, relaxed=relaxed)

        assert told.asked <= set(model.deciding)
        assert set(model.deciding) <= set(fields_by_name(model))


@pytest.mark.parametrize("relaxed", [True, False])
def test_models_name_the_fields_that_they_may_require(relaxed):
    """Whatever kind of thing it is, a payload needs no other field."""
    for model in {model for _, _, model, _ in LEAVES}:
        known = {*model.required, *model.required_with_defaults, *model.required_by_kind}
        assert known <= set(fields_by_name(model))
        for name in model.deciding:
            for value in (None, "", *get_args(get_args(value_type(fields_by_name(model)[name]))[0])):
                assert set(model.required_fields({name: value}, relaxed=relaxed)) <= known
        assert set(model.required_fields({}, relaxed=relaxed)) <= known
