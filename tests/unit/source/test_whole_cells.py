"""Columns of a workbook's cells as text: all at once as one by one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loader.source.cells import PercentColumns, PercentTexts, column_of, number_text
from loader.source.number_format import percent_format
from loader.source.table import Kind

NUMBERS = st.one_of(
    st.floats(),
    st.floats(-(10.0**6), 10.0**6),
    st.integers(-(10**9), 10**9).map(lambda n: n / 100),
    st.integers(-(10**9), 10**9).map(lambda n: n / 10**6),
    st.integers(-(10**16), 10**16).map(float),
    st.integers(-(10**15), 10**15).map(lambda n: n / 10**12),
    st.sampled_from([0.0, -0.0, -0.5, 1e-7, 1e-13, 1e15, 0.07, 0.29, 90136.42999999999, 0.07 + 0.22]),
)
DAYS = st.dates()
OTHERS = st.one_of(st.booleans(), st.integers(), st.datetimes(), st.times(), st.timedeltas())
COLUMNS = st.one_of(
    *(st.lists(cells, min_size=1, max_size=20) for cells in (NUMBERS, DAYS, st.text(max_size=3), OTHERS)),
    st.lists(NUMBERS | st.just(""), min_size=1, max_size=20),
    st.lists(NUMBERS | DAYS | st.text(max_size=3) | OTHERS, min_size=1, max_size=20),
)


@settings(deadline=None, max_examples=400)
@given(cells=COLUMNS)
def test_column_is_what_its_cells_are(cells):
    """Texts and kinds are the same, whatever types the cells are of."""
    alone = [column_of([cell]) for cell in cells]
    texts, kinds = column_of(cells)

    assert [text for (text,), _ in alone] == texts
    assert bytes(of_kind[0] if of_kind else 0 for _, of_kind in alone) == (kinds or bytes(len(cells)))


@given(number=st.floats(allow_nan=False, allow_infinity=False), day=DAYS)
def test_cell_alone_is_written_as_python_writes_it(number, day):
    """What the comparison above relies on."""
    assert column_of([number])[0] == [number_text(number)]
    assert column_of([day]) == ([day.isoformat()], bytes([Kind.DATE]))


@settings(deadline=None, max_examples=600)
@given(cells=st.lists(NUMBERS.filter(lambda number: abs(number) < 10.0**15), min_size=1, max_size=20))
def test_percentages_of_a_column_are_those_of_its_cells(cells):
    """The texts, and which of them lost the noise of binary numbers."""
    one_by_one = PercentTexts(2)
    columns = PercentColumns([percent_format("0.00%")])

    for _ in range(2):
        texts, kinds, rounded = columns.column_of(cells, bytes([1]) * len(cells))
        assert [one_by_one[number] for number in cells] == texts
        assert bytes([Kind.PERCENT]) * len(cells) == kinds
        assert [at for at, number in enumerate(cells) if number in one_by_one.rounded] == rounded


@pytest.mark.parametrize("parts", [10**4, 10**6, 10**10])
def test_usual_rates_are_not_looked_at_one_by_one(monkeypatch, parts):
    """Without this the comparison above could pass with every number looked at."""
    monkeypatch.setattr(PercentTexts, "__missing__", lambda *_: pytest.fail("looked at"))
    cells = [n / parts for n in range(1, 3_000, 7)]
    texts, _, _ = PercentColumns([percent_format("0.00%")]).column_of(cells, bytes([1]) * len(cells))

    assert len(set(texts)) == len(cells)
