"""What is told of a column from Arrow's bytes is what Python tells of its cells one by one."""

import pickle
import string

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loader.source import variety
from loader.source.arrow import arrow
from loader.source.texts import Texts, all_filled
from loader.source.texts_on_demand import Coded
from loader.source.variety import Variety

CELLS = st.one_of(
    st.sampled_from(["", " ", "007", "a ", "\ta", "\x1c", "é", "\u00a0", "€5", "USD 5", "0", "\0", "1e5", "x\ny"]),
    st.text(alphabet=string.printable + "é\u00a0\0€\u202f\ufeff", max_size=6),
    st.text(st.characters(), max_size=3),  # halves of pairs of surrogates too
)  # fmt: skip
SEVERAL = ("USD", "EUR", "€", "£", "\u00a0", "\u202f")
COLUMNS = st.lists(CELLS, max_size=12)


def shape_of(text):
    """The shape of a text, sign by sign."""
    text = text.encode("utf-8", "replace").decode().translate({0: "?", 1: "?"})
    for sign, by in {"\u00a0": " ", "\u202f": " ", "USD": "$", "EUR": "$", "€": "$", "£": "$"}.items():
        text = text.replace(sign, by)
    shape = "\x01" + text[1:] if text.startswith("0") else text
    signs = (
        "9" if c in string.digits else
        "e" if c in "eE" else
        "a" * len(c.encode()) if not c.isascii() or c.isalpha() else c
        for c in shape
    )  # fmt: skip
    return "".join(signs).encode()


def part(column, begin, end):
    """Some of the cells, with Arrow's form of them within that of the whole column."""
    coded = column.coded and Coded(column.coded.texts, column.coded.codes[begin:end])
    found = Texts(column[begin:end], column.arrow.slice(begin, len(column[begin:end])), coded)
    found.is_sound = column.is_sound
    return found


def parts(cells, begin, end):
    """The column as it is made of cells, and as a part of a larger one; repeating ones too."""
    whole = Texts.of(["0x", *cells, " é"])
    array = pa.array(["0x", *cells, " é"], pa.large_string()) if whole.is_sound else None
    made = [Texts.of(cells), part(whole, 1, len(cells) + 1)]
    if array is not None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(variety, "_FEWEST_ROWS", 0)
            made.append(part(Variety().texts(0, array), 1, len(cells) + 1))
    return [(part(one, begin, end), cells[begin:end]) for one in made]


@settings(deadline=None)
@given(COLUMNS, st.integers(0, 3), st.integers(4, 12))
def test_what_is_told_of_all_cells(cells, begin, end):
    for found, expected in parts(cells, begin, end):
        assert expected == found
        assert "".join(expected) == found.together
        assert "<>".join(expected) == found.joined("<>")
        assert all(expected) == all_filled(found)
        assert all(map(str.isascii, expected)) == found.is_ascii
        assert found.is_spaced or all(
            text == text.strip() for text in expected if not text or (text[0] + text[-1]).isascii()
        )
        assert {at for at, text in enumerate(expected) if not text.strip()} <= set(found.unfilled.tolist())
        shapes = found.shapes
        assert set(range(len(shapes.shapes))) == set(shapes.codes.tolist())
        assert list(map(shape_of, expected)) == [shapes.shapes[code] for code in shapes.codes]
        for text, code in zip(expected, shapes.codes.tolist(), strict=True):
            assert code >= shapes.exact or len(text.encode("utf-8", "replace")) == len(shapes.shapes[code])
            assert code < shapes.exact or any(sign in text for sign in SEVERAL)
        assert [at for at, text in enumerate(expected) if not text.isascii()] == found.beyond_ascii.tolist()
        if found.is_sound:
            for signs in (["#"], ["USD", "€"], ["0", "a "], ["\u00a0"]):
                holding = [at for at, text in enumerate(expected) if any(sign in text for sign in signs)]
                assert holding == found.holding(sign.encode() for sign in signs).tolist()


@settings(deadline=None)
@given(COLUMNS.filter(bool), st.lists(st.integers(-12, 11), max_size=20), st.booleans())
def test_cells_that_are_made_of_arrows_are_a_list_like_any_other(cells, positions, all_asked_for):
    """Whether single ones are asked for, or all of them."""
    held = Texts.of(cells)
    found = Texts(None if held.is_sound else cells, held.arrow)

    assert not all_asked_for or list(found) == cells
    for at in positions:
        if -len(cells) <= at < len(cells):
            assert cells[at] == found[at]
        else:
            with pytest.raises(IndexError):
                found[at]
    for count in (1, 17):
        assert cells == [found.to_pick_from(count)[at] for at in range(len(cells))]
    assert cells[1:] == found[1:]
    assert cells == found
    assert found == Texts.of(cells)
    assert [*cells, "x"] != found
    assert len(cells) == len(found)
    assert cells[-1] in found
    assert "not there" not in found
    assert "<>".join(cells) == Texts(None if held.is_sound else cells, held.arrow).joined("<>")


@settings(deadline=None)
@given(COLUMNS.filter(bool), st.integers(0, 3), st.integers(4, 12))
def test_different_texts_are_counted(cells, begin, end):
    """Each once, in the order in which they come, with the position of the first."""
    for found, expected in parts(cells, begin, end):
        if found.coded is None:
            continue
        texts, counts, firsts = found.coded.tally()

        assert list(dict.fromkeys(expected)) == texts
        assert [expected.count(text) for text in texts] == counts.tolist()
        assert [expected.index(text) for text in texts] == firsts.tolist()
        assert [text.upper() for text in expected] == found.coded.spread(map(str.upper, found.coded.texts))


@settings(deadline=None)
@given(COLUMNS, st.integers(0, 3), st.integers(4, 12))
def test_column_is_handed_over_whole_and_alone(cells, begin, end):
    """To another process go its cells, without those of the larger column of which it is a part, or anything worked out of them."""
    for found, expected in parts(cells, begin, end):
        content = pickle.dumps(found)
        assert found.shapes
        list(found)
        assert content == pickle.dumps(found)

        there = pickle.loads(content)

        assert there == expected
        assert there.is_sound == found.is_sound
        assert found.together == there.together
        assert (there.coded is None) == (found.coded is None)
        assert there.coded is None or expected == there.coded.spread(there.coded.texts)
        assert there.arrow.to_pylist() == found.arrow.to_pylist()
        assert (
            not found.is_sound
            or found.coded
            or len(content) < 300 + sum(8 + len(cell.encode()) for cell in expected)
        )


@settings(deadline=None)
@given(st.lists(COLUMNS, min_size=1, max_size=4))
def test_columns_are_stacked(columns):
    cells = [cell for column in columns for cell in column]
    found = Texts.stacked([Texts.of(column) for column in columns])

    assert cells == found
    assert Texts.of(cells).is_sound == found.is_sound
    assert Texts.of(cells).arrow.equals(found.arrow)


@settings(deadline=None)
@given(COLUMNS.filter(bool), st.randoms())
def test_some_cells_by_position(cells, random):
    found = Texts.of(cells)
    which = [random.random() < 0.5 for _ in cells]
    some = [cell for cell, is_one in zip(cells, which, strict=True) if is_one]
    codes = np.arange(len(cells), dtype=np.int32)

    assert some == found.only(np.array(which))
    assert some == list(found.at(np.flatnonzero(which).tolist()))
    if found.is_sound:
        coded = Texts(None, found.arrow, Coded(cells, codes))
        assert some == coded.only(np.array(which))
        assert [min(cells, key=str.encode), max(cells, key=str.encode)] == found.span()


@settings(deadline=None)
@given(st.data(), st.integers(1, 12))
def test_beginnings_of_texts_of_one_length_are_in_their_order(data, length):
    """And are the same where the texts begin alike, whatever else is in the column."""
    cell = st.text(alphabet="019.$a", min_size=length, max_size=length)
    cells = data.draw(st.lists(cell | CELLS, min_size=1))
    whole = Texts.of(cells)
    if not whole.is_sound:
        return
    beyond = 8 * max(8 - length, 0)
    heads = [int(head) >> beyond for head in whole.heads]
    pairs = [pair for pair in zip(cells, heads, strict=True) if len(pair[0].encode()) == length]

    for one, head in pairs:
        for other, another in pairs:
            assert (head == another) == (one.encode()[:8] == other.encode()[:8])
            assert head <= another or one.encode() > other.encode()


@settings(deadline=None)
@given(st.integers(1, 6), st.data())
def test_signs_at_some_places(width, data):
    cells = data.draw(st.lists(st.text("ab0", min_size=width, max_size=width), min_size=1, max_size=9))
    places = data.draw(st.lists(st.integers(0, width - 1), min_size=1, unique=True).map(sorted))
    found = Texts.of(["x", *cells]).arrow.slice(1)

    assert ["".join(cell[at] for at in places) for cell in cells] == Texts(None, found).picked(places)


@pytest.mark.parametrize(("rows", "repeats"), [(10, False), (1000, True)])
def test_a_column_that_repeats_itself_is_known_by_its_texts(rows, repeats):
    """Where it is long enough; cells of the same text are one object."""
    found = Variety().texts(0, pa.array([f"text {n % 7}" for n in range(rows)], pa.large_string()))

    assert repeats == (found.coded is not None)
    assert not repeats or len({id(cell) for cell in found}) == 7


def test_a_varied_column_is_looked_at_again_now_and_then():
    """Looking costs little then, and a column that begins to repeat itself is noticed."""
    variety = Variety()
    varied = pa.array([f"text {n}" for n in range(1000)], pa.large_string())
    even = pa.array(["text"] * 1000, pa.large_string())

    assert variety.texts(0, varied).coded is None
    assert variety.texts(1, even).coded
    assert any(variety.texts(0, even).coded for _ in range(20))


@given(st.integers(1, 4), st.lists(st.integers(0, 99_999), min_size=1, max_size=12))
def test_digits_are_read_as_numbers(count, cells):
    cells = [f"{cell:05}" for cell in cells]

    for at in range(6 - count):
        expected = [int(cell[at : at + count]) for cell in cells]
        assert expected == Texts.of(cells).number(at, count).tolist()


@pytest.mark.parametrize("count", [0, 5])
def test_numbers_that_would_not_fit_are_refused(count):
    with pytest.raises(ValueError, match=f"{count} digits"):
        Texts.of(["99999"]).number(0, count)


@pytest.mark.parametrize("sent", [False, True])
def test_arrow_is_told_where_memory_comes_from_before_the_first_column(sent):
    """From another process too."""
    wanted = arrow().default_memory_pool().backend_name
    from_elsewhere = pickle.dumps(Texts.of(["a"]))
    pa.set_memory_pool(pa.system_memory_pool())
    arrow.cache_clear()

    assert ["a"] == (pickle.loads(from_elsewhere) if sent else Texts.of(["a"]))

    assert wanted == pa.default_memory_pool().backend_name
    assert arrow.cache_info().currsize == 1
