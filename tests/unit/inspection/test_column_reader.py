"""One column, batch by batch."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from loader.inspection.column_facts import column_facts
from loader.inspection.column_reader import ColumnReader
from loader.inspection.extremes import Extremes
from loader.inspection.looks import Look, Looks
from loader.source.table import Header, Kind

LIKE_NUMBERS = st.text(alphabet="0123456789.,-+()$%€ eE/:'\u00a0", max_size=12)
ANY = st.one_of(
    LIKE_NUMBERS, st.text(max_size=8), st.sampled_from(["03/04/2024", "N/A", "#N/A", "", "9-Mar-17"])
)


def facts_of(texts, kinds=None, *, typed=False, split=3):
    """What a column comes to that arrives in batches."""
    reader = ColumnReader(Header(0, "A", "Value"), Looks(), typed=typed)
    for begin in range(0, len(texts), split):
        part = slice(begin, begin + split)
        rows = list(range(2 + begin, 2 + begin + len(texts[part])))
        reader.add(rows, texts[part], kinds and kinds[part])
    return column_facts(reader)


@given(st.lists(ANY, max_size=20), st.integers(1, 20))
def test_any_texts_are_counted_once_each(texts, split):
    """However they are cut into batches; nothing in a cell stops an inspection."""
    whole, parts = facts_of(texts, split=20), facts_of(texts, split=split)

    assert len(texts) == sum(whole.kinds.values())
    assert whole == parts


@given(
    st.lists(
        st.tuples(ANY, st.sampled_from([Kind.TEXT, Kind.FLAG, Kind.ERROR, Kind.LOSSY, Kind.TIME])),
        max_size=20,
    )
)
def test_any_cells_of_a_workbook_are_counted_once_each(cells):
    texts, kinds = [text for text, _ in cells], bytes(kind for _, kind in cells)
    assert len(cells) == sum(facts_of(texts, kinds, typed=True).kinds.values())


DAYS = st.dates(date(1899, 12, 1), date(2200, 2, 1)).map("{:%d/%m/%Y}".format)


@given(
    st.lists(DAYS | st.sampled_from(["2024-05-06", "06/05/2024", "31/31/2024", "", "x"]), max_size=30),
    st.integers(1, 30),
    st.booleans(),
)
def test_different_dates_are_counted_once_each(texts, split, typed):
    """Whether they are kept as days or as texts, and beside dates that are cells."""
    kinds = bytes(
        Kind.DATE if typed and text == "2024-05-06" and n % 2 else Kind.TEXT for n, text in enumerate(texts)
    )

    assert (
        len(set(texts) - {""}) == facts_of(texts, kinds if typed else None, typed=typed, split=split).distinct
    )


@given(st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=1))
def test_smallest_and_largest(numbers):
    """They are the cells' own texts, plain and with the separators of people."""
    plain, grouped = [f"{n:f}" for n in numbers], [f"{n:,f}" for n in numbers]
    for texts in (plain, grouped):
        found = facts_of(texts)
        assert texts[numbers.index(min(numbers))] == found.smallest
        assert texts[numbers.index(max(numbers))] == found.largest


def test_numbers_as_people_write_them():
    for low, high in (
        ("(5.00)", "$4"),
        ("1.234,50", "1.234,51"),
        ("-$7", "-6"),
        ("12-", "11"),
        ("1,234,567", "2'000'000"),
    ):
        extremes = Extremes()
        extremes.add_written([high, low])
        assert (low, high) == (extremes.smallest, extremes.largest)


def test_a_number_shortened_by_a_spreadsheet_is_told():
    (note,) = facts_of(["100", "4.12E+15", "7.5E+12"]).notes
    assert ("text.exponent", 2, 3) == (note.rule, note.count, note.first_row)


@given(st.lists(LIKE_NUMBERS))
def test_what_looks_like_a_number_can_be_compared(texts):
    """Nothing that has the look of a number stops the comparison of numbers."""
    for text, look in zip(texts, Looks().of(texts).looks, strict=True):
        if look in {Look.WHOLE, Look.DECIMAL, Look.EXPONENT}:
            Extremes().add([text])
        elif look is Look.PERCENT:
            Extremes().add_percents([text])
        elif look is Look.WRITTEN:
            Extremes().add_written([text])
