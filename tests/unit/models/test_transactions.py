"""Payments, charges, credits and notes: fields, enumerations and required sets of sections 2.6 to 2.9, and markers."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.models.catalogue import enumerations_of, field_at, fields_of
from loader.models.look_up import ByMarker
from loader.models.marker import LONGEST_MARKED, marked, marker_of, row_key, surely_markable
from loader.models.operations import find_operation
from loader.models.structure import fields_by_name
from loader.models.transactions import Charge, Credit, Note, Payment

PAYMENTS = find_operation("payments.create").within(77)


@pytest.mark.parametrize(
    ("model", "required"),
    [
        (Payment, {"amount", "date", "info", "paymentMethodId", "paymentTypeId"}),
        (Charge, {"amount", "date", "info", "chargeTypeId", "chargeApplicationType", "interestBearing"}),
        (Credit, {"title", "date", "amount", "category"}),
        (Note, {"subject", "body", "categoryId"}),
    ],
)
def test_required_fields_are_those_of_the_reference(model, required):
    """Whatever defaults the tenant has."""
    assert required == set(model.required) == set(model.required_with_defaults)
    assert required <= set(fields_by_name(model))


def test_a_payment_has_every_field_of_the_reference():
    """The table of section 2.6, those that cannot be sent included."""
    written = (
        "amount date info paymentMethodId paymentTypeId __logOnly selectedProcessor extra early active displayId resetPastDue "
        "payoffPayment payoffFlag chargeOffRecovery isOneTimeOnly cardFeeType cardTypeFee chargeFeeType cardFeeAmount "
        "cardFeePercent chargeFeeAmount chargeFeePercentage comments status reverseReason nachaReturnCode echeckAuthType "
        "paymentAccountId metadata CustomFieldValues"
    )

    assert set(written.split()) == set(fields_by_name(Payment))


@pytest.mark.parametrize(
    ("model", "path"),
    [
        (Payment, "paymentAccountId"),
        (Payment, "echeckAuthType"),
        (Payment, "status"),
        (Charge, "isReversal"),
        (Charge, "editComment"),
        (Note, "parentId"),
        (Credit, "loanId"),
    ],
)
def test_what_moves_money_or_changes_what_exists_cannot_be_sent(model, path):
    """Processed payments, reversals, and a second name of the loan."""
    assert field_at(model, path).read_only


def test_enumerations_are_those_of_the_reference():
    """Names of collections and numbers of values, sections 2.6 and 2.7."""
    found = {
        group: len(values.values)
        for model in (Payment, Charge, Credit, Note)
        for group, values in enumerations_of(model).items()
    }

    assert found == {
        "payment.extra": 5,
        "loan.cardfee.types": 5,
        "payment.reverse": 5,
        "nacha.returnCode": 35,
        "loan.latefeeapp": 2,
    }


def test_every_field_names_its_section():
    """`loader fields` shows it."""
    for model, section in ((Payment, "2.6"), (Charge, "2.7"), (Credit, "2.8"), (Note, "2.9")):
        sections = {doc.source.split()[-1] for doc in fields_of(model)}
        assert {section} == sections - {"1.7", "2.11"}


def test_a_marker_is_short_and_the_same_on_every_try():
    """Made from operation and key alone; recorded, since what was sent once must be found for ever."""
    assert "[ldr:29afd2a99a]" == marker_of("payments.create", "P1")
    assert re.fullmatch(r"\[ldr:[0-9a-f]{10}\]", marker_of("notes.create", "P1"))
    assert 4 == len(
        {marker_of(name, key) for name in ("payments.create", "notes.create") for key in ("P1", "P2")}
    )


def test_an_empty_key_marks_nothing():
    """It would mark anything."""
    with pytest.raises(ValueError, match="identifies nothing"):
        marker_of("payments.create", "")


def test_a_text_leaves_room_for_its_marker():
    """A marker that is cut off would let the payment be sent twice."""
    marker = marker_of("payments.create", "P1")
    room = LONGEST_MARKED - len(marker) - 1

    assert 255 == len(marked("x" * room, marker))
    assert marker == marked("", marker)
    with pytest.raises(ValueError, match="at most 238 characters"):
        marked("x" * (room + 1), marker)


def test_a_row_is_known_by_file_sheet_and_number():
    """The same row of the same file, wherever it lies; another sheet, row or step of the row is another."""
    keys = {
        row_key("aa", "", 2),
        row_key("bb", "", 2),
        row_key("aa", "S", 2),
        row_key("aa", "", 3),
        row_key("aa", "", 2, 2),
    }

    assert 5 == len(keys)
    assert re.fullmatch(r"[0-9a-f]{16}:2", row_key("aa", "", 2))
    assert row_key("aa", "", 2).endswith(":2")
    assert row_key("aa", "", 2, 2).endswith(":2.2")


def test_a_payment_is_always_recorded_only():
    """Whatever the payload says (section 2.6)."""
    assert True is PAYMENTS.completed({"info": "A", "__logOnly": False}, "P1", "")["__logOnly"]
    assert "__logOnly" not in find_operation("notes.create").completed({"subject": "A"}, "P1", "")


def test_the_marker_goes_where_the_template_says():
    """Into the usual text, or another one; an absent text is the marker alone."""
    marker = marker_of("payments.create", "P1")

    assert f"Rent {marker}" == PAYMENTS.completed({"info": "Rent"}, "P1", "")["info"]
    assert {"info": "Rent", "comments": marker, "__logOnly": True} == PAYMENTS.completed(
        {"info": "Rent"}, "P1", "comments"
    )


def test_look_ups_read_the_loans_own_list_whole():
    """Section 7: the loan with its payments, then the payments by their loan; no page may hide one."""
    first, second = PAYMENTS.look_ups("P1")

    assert ("GET", "odata.svc/Loans(77)", "Payments", True) == (
        first.method,
        first.path,
        first.inside,
        first.whole,
    )
    assert {"$expand": "Payments", "nopaging": "true"} == first.query
    assert ("GET", "odata.svc/Payments", "", True) == (
        second.method,
        second.path,
        second.inside,
        second.whole,
    )
    assert {"$filter": "entityId eq 77", "$orderby": "id desc", "nopaging": "true"} == second.query


def test_read_back_asks_for_what_the_payment_holds():
    """Custom fields are deferred unless they are asked for (section 1.5)."""
    look = PAYMENTS.read_back(9, {"CustomFieldValues": {"results": [{"customFieldId": 1}]}})

    assert "Payments,Payments/CustomFieldValues" == look.query["$expand"]


def test_a_payment_is_matched_by_its_marker_in_either_text():
    """People may write around it; a payment of another loan is another."""
    marker = marker_of("payments.create", "P1")

    assert PAYMENTS.matches({"info": f"Rent {marker} (checked)"}, "P1")
    assert PAYMENTS.matches({"info": None, "comments": marker, "entityId": "77"}, "P1")
    assert not PAYMENTS.matches({"info": f"Rent {marker}"}, "P2")
    assert not PAYMENTS.matches({"info": f"Rent {marker}", "entityId": 78}, "P1")


def test_without_its_loan_nothing_is_looked_up():
    """It would look at all payments of the tenant."""
    with pytest.raises(ValueError, match="loan is not known"):
        ByMarker("payments.create", "Payments", ("info",)).look_ups("P1")


def test_a_text_with_a_marker_is_refused():
    """Texts that were exported from LoanPro carry the markers of other payments."""
    with pytest.raises(ValueError, match="carries a marker"):
        PAYMENTS.completed({"info": f"Rent {marker_of('payments.create', 'P2')}"}, "P1", "")


@given(
    st.lists(
        st.sampled_from(["", "May", "x" * 238, "x" * 239, "a [ldr:0123456789]", "[ldr:", "[ldr", ":0"]),
        min_size=1,
    )
)
def test_what_surely_takes_a_marker_takes_it(texts):
    """The quick look at many texts promises nothing that is not so, and texts of every day pass it."""
    each = [PAYMENTS.takes_marker((text, None), "") for text in texts]

    assert all(each) or not surely_markable(texts)
    assert surely_markable(texts) or not set(texts) <= {"", "May", "x" * 238}


@pytest.mark.parametrize("key", ["1", "a key of many letters" * 9])
def test_whether_a_text_takes_the_marker_does_not_depend_on_the_key(key):
    """Every marker has the same length."""
    for length in (LONGEST_MARKED - 17, LONGEST_MARKED - 16):
        try:
            PAYMENTS.completed({"info": "x" * length}, key, "info")
            taken = True
        except ValueError:
            taken = False

        assert taken == PAYMENTS.takes_marker(("x" * length, None), "info")
