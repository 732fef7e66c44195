"""The enumerations, held to the lists of the LoanPro reference."""

import pytest

from loader.models.catalogue import enumerations_of
from loader.models.customer import Customer
from loader.models.customer_values import State
from loader.models.enumerations import endings, enumeration
from loader.models.loan import Loan

STATES = [
    "AA",
    "AE",
    "AK",
    "AL",
    "AP",
    "AR",
    "AS",
    "AZ",
    "CA",
    "CO",
    "CT",
    "DC",
    "DE",
    "FL",
    "FM",
    "GA",
    "GU",
    "HI",
    "IA",
    "ID",
    "IL",
    "IN",
    "KS",
    "KY",
    "LA",
    "MA",
    "MD",
    "ME",
    "MH",
    "MI",
    "MN",
    "MO",
    "MP",
    "MS",
    "MT",
    "NC",
    "ND",
    "NE",
    "NH",
    "NJ",
    "NM",
    "NV",
    "NY",
    "OH",
    "OK",
    "OR",
    "PA",
    "PR",
    "PW",
    "RI",
    "SC",
    "SD",
    "TN",
    "TX",
    "UT",
    "VA",
    "VI",
    "VT",
    "WA",
    "WI",
    "WV",
    "WY",
]

LOAN_COUNTS = {
    "loan.class": 4,
    "loan.type": 4,
    "loan.rateType": 6,
    "loan.frequency": 9,
    "loan.calcType": 4,
    "loan.daysInYear": 2,
    "loan.interestApplication": 2,
    "loan.begend": 2,
    "loan.firstPeriodDays": 3,
    "loan.firstdayinterest": 4,
    "loan.discountCalc": 5,
    "loan.diyAlt": 2,
    "loan.daysinperiod": 34,
    "loan.lastasfinal": 4,
    "loan.curtailpercentbase": 1,
    "loan.nddCalc": 2,
    "loan.endInterest": 2,
    "loan.feesPaidBy": 2,
    "loan.lateFee": 5,
    "loan.lateFeeCalc": 3,
    "loan.latefeepercentbase": 4,
    "loan.pmtdateapp": 2,
    "loan.businessduedates": 3,
    "loan.ebilling": 4,
    "loan.ecoacodes": 8,
    "loan.creditstatus": 21,
    "loan.creditbureau": 31,
    "loan.reportingtype": 5,
    "loan.cardfee.types": 5,
    "loan.customerRole": 4,
    "collateral.type": 4,
    "collateral.gpsstatus": 3,
}

CUSTOMER_COUNTS = {
    "customer.type": 3,
    "customer.idType": 3,
    "customer.gender": 3,
    "customer.generationCode": 11,
    "company.country": 2,
    "geo.state": 62,
    "customer.phoneType": 6,
    "customerEmployer.incomeFrequency": 5,
    "customerEmployer.payDateFrequency": 4,
    "customerReference.relation": 10,
}


def test_states_are_the_62_of_the_reference():
    """Each state of section 2.4 is there, in its order, and no other."""
    values = enumeration(State)

    assert values is not None
    assert [f"geo.state.{code}" for code in STATES] == list(values.values)
    assert len(set(values.values)) == 62


@pytest.mark.parametrize(("model", "counts"), [(Loan, LOAN_COUNTS), (Customer, CUSTOMER_COUNTS)])
def test_every_enumeration_has_as_many_values_as_the_reference(model, counts):
    """Flags that LoanPro takes as 1 and 0 too count two more."""
    found = enumerations_of(model)

    assert counts == {group: len(values.values) for group, values in found.items()}


@pytest.mark.parametrize("model", [Loan, Customer])
def test_every_value_begins_with_its_group_and_occurs_once(model):
    """A slip of the pen in a value would be accepted here and dropped by LoanPro."""
    for group, values in enumerations_of(model).items():
        texts = [value for value in values.values if isinstance(value, str)]

        assert all(text.startswith(f"{group}.") for text in texts)
        assert len(texts) == len(set(texts))
        assert set(values.meanings) <= set(texts)


def test_cryptic_values_have_their_meaning():
    """A credit status is a number that nobody knows by heart."""
    found = enumerations_of(Loan)

    assert found["loan.creditstatus"].meanings["loan.creditstatus.71"] == "30-59 days"
    assert set(found["loan.creditstatus"].values) == set(found["loan.creditstatus"].meanings)
    assert set(found["loan.creditbureau"].values) == set(found["loan.creditbureau"].meanings)


def test_odd_capitals_stay_as_the_service_has_them():
    """`biWeekly` is a payment frequency, `biweekly` a rate type."""
    found = enumerations_of(Loan)

    assert "biWeekly" in endings("loan.frequency", found["loan.frequency"].values)
    assert "biweekly" in endings("loan.rateType", found["loan.rateType"].values)


def test_a_plain_type_is_no_enumeration():
    """Only what carries a group is one."""
    assert enumeration(str) is None
