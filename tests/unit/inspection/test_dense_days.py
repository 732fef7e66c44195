"""Dates counted in arrays are the texts that they were."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loader.inspection.date_texts import DateTexts
from loader.inspection.dense_days import DenseDays
from loader.inspection.tally import Tally
from loader.source.texts import Texts

SEPARATOR = st.sampled_from("/-.")
NUMBER = st.integers(0, 99)
YEAR = st.one_of(st.integers(0, 9999), st.integers(1895, 2205))


@st.composite
def columns(draw):
    """Texts of one shape, each with its cells and its row."""
    before, behind, year_first = draw(SEPARATOR), draw(SEPARATOR), draw(st.booleans())
    form = "{2:04}%s{0:02}%s{1:02}" if year_first else "{0:02}%s{1:02}%s{2:04}"
    form = form % (before, behind)
    few = st.tuples(st.integers(0, 33), st.integers(0, 33), YEAR)
    numbers = draw(st.lists(few | st.tuples(NUMBER, NUMBER, YEAR), min_size=1, max_size=20))
    cells = draw(st.lists(st.integers(1, 5), min_size=len(numbers), max_size=len(numbers)))
    return [(form.format(*each), count) for each, count in zip(numbers, cells, strict=True)]


def shaped(found, rows):
    """Adds texts, with cells and first rows, to what counts dates."""
    texts = Texts.of([text for text, _, _ in rows])
    cells, numbers = (np.array([row[n] for row in rows], np.int64) for n in (1, 2))
    shape = texts.shapes.shapes[0].replace(b"\x01", b"9")
    return found(shape, texts, cells, numbers)


@given(columns(), columns(), st.integers(0, 20))
@settings(deadline=None)
def test_what_is_counted_are_the_texts(one, other, cut):
    """Each for itself, also after the half of it came from another process; others are told not to be."""
    halves, plain = [DenseDays(), DenseDays()], Tally()
    for begin, column in ((2, one), (100, other)):
        rows = [(text, cells, begin + n) for n, (text, cells) in enumerate(column)]
        for found, part in zip(halves, (rows[:cut], rows[cut:]), strict=True):
            if part:
                counted = shaped(lambda s, t, c, n, of=found: of.add(s, t, c, n), part)
                kept = [row for row, is_in in zip(part, counted, strict=True) if is_in]
                assert all("1900" <= max(text.replace("-", "/").replace(".", "/").split("/"), key=len) < "2200" for text, _, _ in kept)  # fmt: skip
                plain.add(*zip(*kept, strict=True)) if kept else None
    halves[0].merge(pickle.loads(pickle.dumps(halves[1])))
    found = halves[0].tally()

    assert dict(plain.cells) == dict(found.cells)
    assert plain.rows == found.rows


@given(st.lists(columns(), min_size=1, max_size=3))
@settings(deadline=None)
def test_what_they_say_is_the_same(parts):
    """As when each text is taken by itself."""
    one_by_one, together = DateTexts(), DateTexts()
    row = 2
    for column in parts:
        rows = [(text, cells, row + n) for n, (text, cells) in enumerate(column)]
        row += len(rows)
        shaped(together.add_shaped, rows)
        for each in rows:
            one_by_one.add(*each)

    assert one_by_one.orders() == together.orders()


@pytest.mark.parametrize("shape", [b"9/9/9999", b"99/99/99", b"9-aaa-9999", b"99999999"])
def test_other_shapes_are_not_counted(shape):
    assert DenseDays().add(shape, Texts.of(["0" * len(shape)]), None, np.array([2])) is None
