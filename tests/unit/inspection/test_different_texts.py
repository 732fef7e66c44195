"""Different texts of a column are counted exactly, in whichever form its cells come."""

import pickle

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from loader.inspection.different_texts import DifferentTexts
from loader.source.texts import Texts
from loader.source.texts_on_demand import Coded

TEXTS = st.sampled_from(["", " ", "a", "b", "é", "?", "\ud800", "\0"]) | st.text(alphabet="ab", max_size=2)


def repeating(cells):
    """Cells of which it is known which are the same; some of the texts may be in none of them."""
    texts = [*dict.fromkeys(cells), "elsewhere"]
    codes = np.array([texts.index(cell) for cell in cells], np.int32)
    return Texts(cells, Texts.of(cells).arrow, Coded(texts, codes))


FORMS = st.sampled_from([list, Texts.of, repeating])


@settings(deadline=None)
@given(st.lists(st.tuples(st.lists(TEXTS, max_size=20), FORMS), max_size=8), st.integers(0, 8), st.booleans())
def test_they_are_a_set(batches, cut, handed_over):
    """Also where those of other rows come from another process, and hardly any text is new."""
    found, rest = DifferentTexts(), DifferentTexts()
    for number, (cells, form) in enumerate(batches):
        for _ in range(2):
            (found if number < cut else rest).add(form(cells))
    found.merge(pickle.loads(pickle.dumps(rest)) if handed_over else rest)

    assert {text for cells, _ in batches for text in cells} == found.texts


def test_too_many_are_forgotten():
    """By whoever takes them over, too."""
    many, few = DifferentTexts(), DifferentTexts()
    many.add(["a"])
    many.forget()
    many.add(["b"])
    few.merge(many)

    assert many.texts is None
    assert few.texts is None


def test_known_texts_are_left_out_in_arrows_form():
    """Without this the comparison above could pass with none ever left out so."""
    found = DifferentTexts()
    for _ in range(3):
        cells = Texts(None, Texts.of([f"text {n % 50}" for n in range(100)]).arrow)
        found.add(cells)

    assert len(found.texts) == 50
    assert not cells.is_made
