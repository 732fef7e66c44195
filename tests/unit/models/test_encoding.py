"""Payloads as bytes."""

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.models.encoding import encode, payload_digest


def test_numbers_leave_as_they_stand():
    """`12.0212` leaves as `12.0212`, a date as a day, null as null."""
    payload = {
        "a": Decimal("12.0212"),
        "b": Decimal("12000.00"),
        "c": date(2021, 5, 12),
        "d": None,
        "e": 36,
        "f": True,
    }

    assert encode(payload) == b'{"a":12.0212,"b":12000.00,"c":"2021-05-12","d":null,"e":36,"f":true}'


@pytest.mark.parametrize(
    ("number", "plain"),
    [
        ("1E+3", b"1000"),
        ("1E-7", b"0.0000001"),
        ("-2.5E-9", b"-0.0000000025"),
        ("0E-10", b"0.0000000000"),
        ("0E+2", b"000"),
    ],
)
def test_no_number_has_an_exponent(number, plain):
    """LoanPro's parser is not known to take one."""
    expected = b"0" if plain == b"000" else plain

    assert b'{"x":[{"y":' + expected + b"}]}" == encode({"x": [{"y": Decimal(number)}]})


def test_text_that_looks_like_an_exponent_stays_text():
    """The slow way is taken only for the numbers."""
    assert {"a": "E-mail E+ NaN Infinity", "b": Decimal("1.5"), "d": "2020-01-02"} == json.loads(
        encode({"a": "E-mail E+ NaN Infinity", "b": Decimal("1.5"), "d": date(2020, 1, 2)}),
        parse_float=Decimal,
    )


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "sNaN"])
def test_what_is_no_number_is_never_sent(number):
    """JSON has no word for it."""
    with pytest.raises(ValueError, match="cannot be sent"):
        encode({"a": Decimal(number)})


leaves = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.sampled_from([0, 1]),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12),
)
payloads = st.dictionaries(
    st.text(max_size=4),
    st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)


@given(payloads)
def test_every_payload_comes_back_equal(payload):
    """No digit is lost or gained, at any depth."""
    encoded = encode(payload)

    assert payload == json.loads(encoded, parse_float=Decimal)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**7), max_value=10**7))
def test_every_digit_is_written(number):
    """Trailing zeros too: the text of the amount is the text that is sent."""
    assert f'{{"a":{number}}}'.encode() == encode({"a": number})


def test_a_digest_has_sixteen_bytes_and_tells_payloads_apart():
    """BLAKE2b of the bytes."""
    one, other = payload_digest(b'{"a":1}'), payload_digest(b'{"a":2}')

    assert len(one) == 16
    assert one != other
    assert one == payload_digest(b'{"a":1}')
