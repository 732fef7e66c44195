"""Signs of print and signs that cannot be seen: what is repaired, what is kept, and that it is told."""

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.mapping import repairs
from loader.mapping.repairs import free_text, signs
from loader.source.table import Kind


@pytest.mark.parametrize(
    ("text", "read", "rules"),
    [
        ("Ana\u00a0Mar\u00eda", "Ana Mar\u00eda", [repairs.SPACES]),
        ("Jos\u200be", "Jose", [repairs.INVISIBLE]),
        ("Jose\u0301", "Jos\u00e9", [repairs.COMPOSED]),
        ("\u200eO\u2019Brien", "O\u2019Brien", [repairs.INVISIBLE]),
        ("O\u2019Brien \u2013 \uff11", "O\u2019Brien \u2013 \uff11", []),
        ("a\u200db", "ab", [repairs.INVISIBLE]),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            [],
        ),
        ("\u0936\u094d\u200d\u0930\u0940", "\u0936\u094d\u200d\u0930\u0940", []),
        ("\u05d0\u200e(1)", "\u05d0\u200e(1)", []),
        ("\u5c71\u7530\u3000\u592a\u90ce", "\u5c71\u7530\u3000\u592a\u90ce", []),
    ],
)
def test_names_keep_what_can_be_seen(text, read, rules):
    """Joiners stay in the scripts that are written with them, directions in text that runs both ways."""
    assert (read, tuple(rules)) == free_text(text)


@pytest.mark.parametrize(
    ("text", "read", "rules"),
    [
        ("LN\u20131", "LN-1", [repairs.DASHES]),
        ("\u22125", "-5", [repairs.DASHES]),
        ("1\u202f234", "1 234", [repairs.SPACES]),
        ("1\u2019234", "1'234", [repairs.QUOTES]),
        ("\uff11\uff12", "12", [repairs.FULL_WIDTH]),
        ("\u202a5\u202c", "5", [repairs.INVISIBLE]),
        ("\u0665", "\u0665", []),
    ],
)
def test_numbers_and_identifiers_are_brought_to_plain_signs(text, read, rules):
    """Digits of other scripts are no full-width digits, and stay to be refused."""
    assert (read, tuple(rules)) == signs(text)


@given(st.text(max_size=40))
def test_what_is_repaired_stays_as_it_is_and_is_composed(text):
    """A second pass finds nothing, a changed text has a rule, and plain text is not touched."""
    for clean in (free_text, signs):
        read, rules = clean(text)
        assert (read, ()) == clean(read)
        assert unicodedata.is_normalized("NFC", read)
        assert (read != text) == bool(rules)
        if text.isascii():
            assert (text, ()) == (read, rules)


def told(mapped):
    return {(note.rule, note.letter): (note.count, note.first_row) for note in mapped.notes}


def values(mapped, path):
    return next(list(f.values) for step in mapped.steps for f in step.fields if f.path == path)


def test_repairs_are_told_by_column_with_count_and_first_row(bound, batch_of):
    """The same column in two fields is told once."""
    mapper = bound("title: Loan\nLoanSetup.loanAmount: {column: Amount, as: money}", "Loan", "Amount")
    mapped = mapper.map(
        batch_of(
            [
                ("L1", (Kind.NUMBER, "133.80000000000001")),
                ("L\u20132", "5\u00a0"),
                ("L\u20133", (Kind.NUMBER, "133.8")),
                ("L4\u200b", "7\u00a0"),
            ]
        )
    )

    assert values(mapped, "displayId") == ["L1", "L-2", "L-3", "L4"]
    assert values(mapped, "title") == ["L1", "L\u20132", "L\u20133", "L4"]
    assert [Decimal(text) for text in ("133.80", "5", "133.80", "7")] == values(
        mapped, "LoanSetup.loanAmount"
    )
    assert told(mapped) == {
        (repairs.DASHES, "A"): (2, 3),
        (repairs.INVISIBLE, "A"): (1, 5),
        (repairs.NOISE, "B"): (1, 2),
        (repairs.SPACES, "B"): (2, 3),
    }
    assert all("133" not in note.message for note in mapped.notes)


def test_nothing_is_told_of_what_was_not_read(bound, batch_of):
    """Rows left out, cells that are refused, and blank cells."""
    mapper = bound(
        "LoanSetup.loanAmount: {column: Amount, as: money}", "Loan", "Amount",
        more="rows: {skip_if: {column: Loan, is: Test}}\n",
    )  # fmt: skip
    mapped = mapper.map(batch_of([("Test", "5\u00a0"), ("L2", "x\u00a0y"), ("L3", "\u00a0")]))

    assert mapped.notes == ()


def test_joined_and_cut_cells_are_repaired_in_their_own_columns(bound, batch_of):
    """A dash of print can be cut at, and a hidden blank part is passed over."""
    fields = (
        'title: {join: {columns: [A, B], with: " "}}\n'
        'LoanSetup.loanTerm: {column: C, split: {by: "-", part: 2}, as: decimal}'
    )
    mapped = bound(fields, "Loan", "A", "B", "C").map(
        batch_of([("L1", "a\u00a0b", "c", "x\u20135"), ("L2", "\u200b", "Jose\u0301", "x-6")])
    )

    assert values(mapped, "title") == ["a b c", "Jos\u00e9"]
    assert [Decimal(5), Decimal(6)] == values(mapped, "LoanSetup.loanTerm")
    assert (1, 2) == told(mapped)[repairs.SPACES, "B"]
    assert (1, 3) == told(mapped)[repairs.COMPOSED, "C"]
    assert (1, 2) == told(mapped)[repairs.DASHES, "D"]


def test_declared_words_are_blank_and_told(bound, batch_of):
    """Exactly as written, for a surname can be Na; in every column, and before columns are joined."""
    mapper = bound(
        "title: T\nLoanSetup.loanAmount: {column: Amount, as: money}\nloanAlert: {join: {columns: [T, Loan]}}",
        "Loan", "T", "Amount", more="null: [NA, null]\n",
    )  # fmt: skip
    mapped = mapper.map(
        batch_of([("L1", " NA ", "NULL"), ("L2", "Na", "5"), ("L3", "N/A", (Kind.ERROR, "NA"))])
    )

    assert [str(value) for value in values(mapped, "title")[1:]] == ["Na", "N/A"]
    assert values(mapped, "loanAlert") == ["L1", "Na L2", "N/A L3"]
    assert mapped.issues == {}
    assert told(mapped) == {
        (repairs.NULL_WORD, "B"): (1, 2),
        (repairs.NULL_WORD, "C"): (2, 2),
        (repairs.LIKE_NULL, "B"): (1, 4),
    }


def test_a_field_has_words_of_its_own(bound, batch_of):
    """They take the place of the template's; none at all can be said, too."""
    fields = "title: {column: T, null: ['-']}\nloanAlert: {column: T, null: []}"
    mapped = bound(fields, "Loan", "T", more="null: NA\n").map(batch_of([("L1", "NA"), ("L2", "-")]))

    assert values(mapped, "loanAlert") == ["NA", "-"]
    assert values(mapped, "title")[0] == "NA"
    assert values(mapped, "title")[1] != "-"


def test_words_that_are_not_declared_are_text_and_told(bound, batch_of):
    """An amount refuses them and says what to declare."""
    mapper = bound("title: T\nLoanSetup.loanAmount: {column: Amount, as: money}", "Loan", "T", "Amount")
    mapped = mapper.map(batch_of([("L1", "None", "N/A"), ("L2", "Na", "1")]))

    assert values(mapped, "title") == ["None", "Na"]
    assert told(mapped) == {(repairs.LIKE_NULL, "B"): (1, 2)}
    assert "`null: [...]`" in mapped.issues[0][0].advice


@pytest.mark.parametrize("conversion", ["date", "digits", "phone", "state", "flag", "percent", "choice"])
def test_every_conversion_says_how_such_words_are_declared(conversion, bound, batch_of):
    """None of them takes N/A for a blank cell."""
    more = ", choices: {A: loan.class.other}" if conversion == "choice" else ""
    path = {
        "date": "LoanSetup.contractDate", "percent": "LoanSetup.loanRate", "flag": "LoanSetup.active",
        "choice": "LoanSetup.loanClass",
    }.get(conversion, "title")  # fmt: skip
    mapper = bound(f"{path}: {{column: T, as: {conversion}{more}}}", "Loan", "T")

    assert "`null: [...]`" in mapper.map(batch_of([("L1", " N/A ")])).issues[0][0].advice


def test_number_cells_among_identifiers_with_zeros_are_told(bound, batch_of):
    """Their own zeros may be gone; digits of a declared length get theirs back."""
    rows = [("007",), ((Kind.NUMBER, "8"),), ((Kind.NUMBER, "9"),)]
    mapper = bound("title: Loan", "Loan")

    assert told(mapper.map(batch_of(rows))) == {(repairs.LOST_ZEROS, "A"): (2, 3)}
    assert mapper.map(batch_of([("7",), ((Kind.NUMBER, "8"),)])).notes == ()
