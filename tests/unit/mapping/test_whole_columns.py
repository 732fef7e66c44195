"""A column converted as a whole is what its cells are one by one, whatever stands in them."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loader.mapping import columns as columns_of
from loader.mapping import whole_columns
from loader.mapping.columns import as_text, remembering
from loader.mapping.conversions import column_conversion
from loader.mapping.field_spec import FieldSpec
from loader.mapping.known_values import OneKind, different_values, ordinals, types_of
from loader.mapping.mapped import OMITTED
from loader.mapping.refusal import BLANK
from loader.mapping.repairs import free_text, signs
from loader.mapping.suspicions import suspicions
from loader.mapping.texts import identifier, text
from loader.source import variety
from loader.source.cells import number_text
from loader.source.table import Kind
from loader.source.texts import Texts
from loader.source.variety import Variety

NASTY = st.one_of(
    st.text(max_size=8),
    st.text(alphabet="0123456789.,-+()$% /'eE\u00a0€\x00\x01", max_size=10),
    st.sampled_from(
        [
            *("123\x00456789", "801\x00555-0100", "\x00", "\x000"),
            *("", " ", "0", "00", "-0", "0.0", ".5", "5.", "N/A", "#N/A", "null", "na", "NA", '="007"', "1e5", "1E+15"),
            *("53.180", "1,23", "USD 5", "(5)", "5-", "10.00%", "100%", "0.5", "00.50%", "9" * 40, "0." + "1" * 40),
            *("555-1234", "+1 801 555 1234", "1-801-555-1234", "801.55", "8015551234", "0015551234", "801/555-1234"),
            *("02/29/2023", "02/29/2024", "13/01/2024", "00/10/2020", "12/32/2020", "01/01/1899", "01/01/2200"),
            *("2024-02-30", "2024-01-31", "0000-00-00", " 2024-01-31", "2024-01-31 ", "\u0662024-01-31", "2024-13-01"),
            *(" a", "a ", "\x1ca", "\ud800", "é", "e\u0301", "\u200bx", "\u2013", "\uff11\uff12", "a+b", "#", '"q"', "=1"),
        ]
    ),
)  # fmt: skip
NUMBERS = st.one_of(
    st.decimals(0, 10**7, places=2).map(lambda n: f"${n:,.2f}"),
    st.decimals(0, 10**7, places=2).map(str),
    st.integers(0, 10**6).map(lambda n: f"${n:,}"),
    st.integers(0, 10**6).map(lambda n: f"{n / 10}"),
)


def written(*forms):
    """Three numbers in one of some forms."""
    parts = st.tuples(st.integers(100, 999), st.integers(0, 999), st.integers(0, 9999))
    return st.builds(lambda form, numbers: form.format(*numbers), st.sampled_from(forms), parts)


USUAL = {
    "money": NUMBERS,
    "decimal": st.one_of(NUMBERS, st.integers(0, 10**6).map(lambda n: f"{n / 10000:.4f}")),
    "percent": st.integers(0, 10**6).map(lambda n: f"{n / 10000:.4f}%") | st.integers(0, 200).map("{}%".format),
    "fraction": st.integers(0, 10**4).map(lambda n: f"{n / 10000}"),
    "integer": st.integers(0, 10**9).map(str) | st.integers(0, 999).map("{:05}".format),
    "phone": written("({}) {:03}-{:04}", "{}.{:03}.{:04}", "{}{:03}{:04}"),
    "digits": written("{0}-00-{2:04}", "{}{:03}{:04}", "{:05}"),
    "date": st.dates().map(lambda day: f"{day:%m/%d/%Y}") | st.dates().map(str),
    "text": st.text(alphabet="abc XYZ09-'", min_size=1, max_size=8),
    "state": st.sampled_from(["UT", "Utah", "Xx"]),
}  # fmt: skip
SPECS = [
    ("money", {}),
    ("money", {"currency": "EUR"}),
    ("money", {"decimal": ","}),
    ("money", {"group": "none"}),
    ("decimal", {}),
    ("percent", {}),
    ("fraction", {}),
    ("integer", {}),
    ("integer", {"decimal": ","}),
    ("phone", {}),
    ("digits", {}),
    ("digits", {"length": 9, "pad": True}),
    ("digits", {"length": 9}),
    ("date", {}),
    ("date", {"format": "MM/DD/YYYY"}),
    ("date", {"format": "DD/MM/YYYY"}),
    ("date", {"format": "M/D/YYYY"}),
    ("date", {"format": "YYYY-MM"}),
    ("date", {"format": "YYYYMMDD"}),
    ("date", {"format": "serial"}),
    ("date", {"format": "MM/DD/YYYY", "plus_months": 1}),
    ("text", {}),
    ("state", {}),
]


@st.composite
def columns(draw, usual):
    """Usual texts, with a nasty one here and there, or many."""
    share = draw(st.sampled_from([0, 0, 1, 5, 9]))
    cell = st.integers(0, 9).flatmap(lambda n: NASTY if n < share else usual)
    return draw(st.lists(cell, min_size=1, max_size=30))


def forms_of(cells):
    """The column as Arrow has it, as a part of a larger one, and twice with its different texts known."""
    column = Texts.of(cells)
    found = [column]
    if column.is_sound:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(variety, "_FEWEST_ROWS", 0)
            inner = Texts.of(["x", *cells, "0"]).arrow.slice(1, len(cells))
            found += [Texts(cells, inner), Variety().texts(0, Texts.of([*cells, *cells]).arrow)]
    return found


def told(converted):
    """All that a conversion gives; of equal numbers also how they are written."""
    return list(map(repr, converted.values)), converted.refused, converted.repaired


@pytest.mark.parametrize(("name", "options"), SPECS, ids=str)
@settings(deadline=None, max_examples=40)
@given(
    data=st.data(),
    blank=st.sampled_from([OMITTED, BLANK, None]),
    has_percents=st.booleans(),
    often=st.sampled_from([0, columns_of._OFTEN]),
)
def test_whole_columns_are_what_their_cells_are(name, options, data, blank, has_percents, often):
    """Values, refusals and repairs are the same, on the first batch and on the next, however often a text must come to be looked up."""
    spec = FieldSpec.model_validate({"column": "A", "as": name} | options)
    clean = free_text if name == "text" else signs
    convert = column_conversion(spec, blank, clean, has_percents=has_percents)
    cells = data.draw(columns(USUAL[name]))

    for _ in range(2):
        for column in forms_of(cells):
            expected = column_conversion(spec, blank, clean, has_percents=has_percents)(list(column), None)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(columns_of, "_OFTEN", often)
                found = convert(column, None)
            assert told(expected) == told(found)
            check_what_is_known(found.values)


def check_what_is_known(values):
    """What a column says of its values is true of each."""
    assert set(map(type, values)) == types_of(values)
    assert {*map(repr, values)} == {*map(repr, different_values(values))}
    if not isinstance(values, OneKind):
        return
    known = [at for at in range(len(values)) if at not in values.others]
    assert all(type(values[at]) is values.kind and values[at] != "" for at in known)
    if values.room is not None:
        for whole, _, places in (format(values[at], "f").partition(".") for at in known):
            assert whole.isdigit()
            assert len(whole) <= values.room[0]
            assert len(places) <= values.room[1]
    if values.kind is date and not values.others:
        assert [value.toordinal() for value in values] == ordinals(values).tolist()


@pytest.mark.parametrize("blank", [OMITTED, BLANK, ""], ids=["omit", "error", "empty"])
@pytest.mark.parametrize("convert", [text, identifier])
@settings(deadline=None)
@given(cells=columns(USUAL["text"]))
def test_text_of_whole_columns_is_trimmed_cell_by_cell(cells, convert, blank):
    """What is told of such texts is the same too."""
    clean = free_text if convert is text else signs
    for column in forms_of(cells):
        one_by_one = [remembering(convert, blank, clean)([cell], None) for cell in column]
        found = as_text(convert, blank, clean)(column, None)

        assert [one.values[0] for one in one_by_one] == found.values
        assert {at: one.refused[0] for at, one in enumerate(one_by_one) if one.refused} == found.refused
        for identifies in (False, True):
            plain, whole = (
                [found for found in suspicions(texts, None, identifies=identifies) if found[1]]
                for texts in (list(column), column)
            )
            assert plain == whole


@pytest.mark.parametrize(
    ("whole", "usual"),
    [
        (whole_columns.amounts(), ["$1,000.50", "7.00", "12", "0.5"]),
        (whole_columns.rates(sign_needed=True), ["12.50%", "0.1%", "100%"]),
        (whole_columns.rates(sign_needed=False), ["12.50", "0.1%", "100"]),
        (whole_columns.decimals(), ["12.50", "0.1", "100"]),
        (whole_columns.integers(), ["007", "12"]),
        (whole_columns.digits(9), ["123-45-6789", "123456789"]),
        (whole_columns.phones(10), ["(801) 555-1234", "8015551234"]),
        (whole_columns.dates(""), ["2024-02-29", "1999-12-31"]),
        (whole_columns.dates("MM/DD/YYYY"), ["02/29/2024", "12/31/1999"]),
    ],
)
def test_usual_columns_are_converted_as_a_whole(whole, usual):
    """Without this the comparisons above could pass with no column ever converted so."""
    values = whole(Texts.of(usual))

    assert list(values.others) == []
    assert len(usual) == len(values)
    assert whole(Texts.of(["?", "?", *usual[:1]])) is None
    assert whole(Texts.of(["?", *usual])).others == [0]


IN_CELLS = [
    st.tuples(texts, st.just(kind))
    for texts, kind in (
        (st.integers(0, 10**7).map(lambda n: number_text(n / 100)), Kind.NUMBER),
        (st.floats(0, 10**14).map(number_text), Kind.NUMBER),
        (st.integers(-99, 999).map(str), Kind.NUMBER),
        (st.integers(0, 10**6).map(lambda n: f"{n / 10000}%"), Kind.PERCENT),
        (st.dates().map(str), Kind.DATE),
        (NASTY, Kind.TEXT),
    )
]
ANY_CELL = st.one_of(*IN_CELLS, st.tuples(NASTY, st.sampled_from(Kind)))


@pytest.mark.parametrize(("name", "options"), SPECS, ids=str)
@settings(deadline=None, max_examples=60)
@given(
    cells=st.one_of(st.lists(some, min_size=1, max_size=20) for some in (ANY_CELL, *IN_CELLS)),
    blank=st.sampled_from([OMITTED, BLANK, None]),
    has_percents=st.booleans(),
)
def test_whole_columns_with_kinds_are_what_their_cells_are(name, options, cells, blank, has_percents):
    """A column of a workbook, of one kind or of several, gives what its cells give one by one, as often as it comes."""
    spec = FieldSpec.model_validate({"column": "A", "as": name} | options)
    clean = free_text if name == "text" else signs
    convert = column_conversion(spec, blank, clean, has_percents=has_percents)
    texts, kinds = [text for text, _ in cells], bytes(kind for _, kind in cells)

    for _ in range(2):
        for column in forms_of(texts):
            of_cells = kinds * (len(column) // len(texts))
            expected = column_conversion(spec, blank, clean, has_percents=has_percents)(
                list(column), of_cells
            )
            assert told(expected) == told(convert(column, of_cells))


@pytest.mark.parametrize(
    ("whole", "usual", "unsure"),
    [
        (whole_columns.amounts(in_cells=True), ["1000.5", "7", "0.25"], "90136.42999999999"),
        (whole_columns.decimals(in_cells=True), ["1000.125", "7"], "0.30000000000000004"),
        (whole_columns.integers(in_cells=True), ["1000", "7"], "-7"),
        (whole_columns.rates(sign_needed=True, in_cells=True), ["7.8555%", "12%"], "7.8555"),
        (whole_columns.rates(sign_needed=False, in_cells=True), ["7.8555%", "12"], "7.855500000000001%"),
    ],
)
def test_number_cells_are_converted_as_a_whole(whole, usual, unsure):
    """Those alone of which no digit is uncertain."""
    assert list(whole(Texts.of(usual)).others) == []
    assert whole(Texts.of([*usual, unsure])).others == [len(usual)]
