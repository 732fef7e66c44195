"""Columns that tell who people are: their content is not shown."""

import pytest

from loader.inspection.personal import header_tells_person, texts_tell_person


@pytest.mark.parametrize(
    "header",
    [
        *("First Name", "LastName", "borrower_email", "E-Mail", "Cell Phone", "Home Tel.", "Street 1", "MailingAddress", "City", "ZIP"),
        *("Borrower", "Co-Borrower", "First", "Customer name", "SSN", "DOB", "Vorname", "Straße", "Geburtsdatum", "PLZ", "Prénom"),
    ],
)  # fmt: skip
def test_headers_that_tell_of_people(header):
    """In the words that people use, run together or apart."""
    assert header_tells_person(header)


@pytest.mark.parametrize(
    "header",
    [
        *("Loan No", "Borrower No", "Customer Type", "Member #", "Product Name", "Branch name", "Principal", "First Due", "Status"),
        *("State", "Term", "Rate", "Contract Date", "Vertragsnummer", "Zinssatz", "Client 2", ""),
    ],
)  # fmt: skip
def test_headers_that_tell_of_loans(header):
    """What is needed to write a template stays to be seen."""
    assert not header_tells_person(header)


@pytest.mark.parametrize(
    ("examples", "distinct", "filled", "tells"),
    [
        (["kai@example.com"], 1, 900, True),
        (["none", "(201) 555-0001"], 2, 900, True),
        (["+1 801 555 1234"], 2, 900, True),
        (["Kai", "Sol", "Gus"], 400, 900, True),
        (["11 Hazel Street", "12 Oak Road"], 6, 6, True),
        (["José Müller", "Anne-Marie O'Neil"], 40, 90, True),
        (["Personal", "Home", "Auto"], 3, 900, False),
        (["Personal", "Home", "Auto"], 3, 3, False),
        (["L000001", "DE-L000102"], 900, 900, False),
        (["Idaho", "AL", "NV"], 30, 900, False),
        (["2017-03-09 14:30", "12,5%"], 900, 900, False),
    ],
)
def test_texts_that_tell_of_people(examples, distinct, filled, tells):
    """Free text is told from choices, which repeat, and from numbers of loans, which are no words."""
    assert tells == texts_tell_person("Column", examples, distinct, filled)


def test_the_header_says_how_words_are_meant():
    """Fifty states are choices all the same; words below no header at all are nobody's business."""
    assert not texts_tell_person("State", ["Idaho", "Utah", "Ohio"], 50, 90)
    assert texts_tell_person("State", ["kai@example.com"], 50, 90)
    assert texts_tell_person("", ["Kai", "Sol", "Gus"], 8, 560)
    assert not texts_tell_person("", ["Auto", "Home"], 2, 560)
