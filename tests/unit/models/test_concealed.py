"""Keys that are personal data, as the journal keeps them."""

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.models.concealed import concealed_key, shown_key

FIELDS = ("ssn", "birthDate")
PERSON = ["912837465", "1961-07-23"]
SSNS = st.text("0123456789", min_size=9, max_size=9)
DAYS = st.dates().map(str)


@given(one=st.tuples(SSNS, DAYS), other=st.tuples(SSNS, DAYS))
def test_two_persons_have_two_keys(one, other):
    """And one person has one."""
    keys = {concealed_key(b"secret", FIELDS, person) for person in (one, other)}

    assert len({one, other}) == len(keys)


@given(ssn=SSNS, born=DAYS)
def test_nothing_of_the_person_is_in_it_but_two_digits(ssn, born):
    """Neither number nor birth date, whatever they are; people see the two digits alone."""
    key = concealed_key(b"secret", FIELDS, [ssn, born])

    assert re.fullmatch(r"\*\*\*" + ssn[-2:] + r" \[hmac:[0-9a-f]{32}\]", key)
    assert f"***{ssn[-2:]}" == shown_key(key)


def test_the_secret_decides():
    """Another journal's key of the same person is another, and no plain hash of the person is in it."""
    first, second = (concealed_key(secret, FIELDS, PERSON) for secret in (b"a" * 32, b"b" * 32))
    plain = hashlib.sha256("\x1f".join((*FIELDS, *PERSON)).encode()).hexdigest()[:32]

    assert first != second
    assert plain not in first


def test_without_a_secret_there_is_no_key():
    """A hash that anybody can make conceals nothing."""
    with pytest.raises(ValueError, match="secret"):
        concealed_key(b"", FIELDS, PERSON)


@pytest.mark.parametrize("key", ["B0001", "", "L [hmac:]", "***65"])
def test_other_keys_are_shown_as_they_are(key):
    """A number of the lender's own is no secret."""
    assert key == shown_key(key)
