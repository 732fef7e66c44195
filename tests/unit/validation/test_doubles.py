"""Natural keys that occur more than once."""

from collections import defaultdict
from hashlib import blake2b
from itertools import chain
from operator import attrgetter

from hypothesis import given
from hypothesis import strategies as st

from loader.source.texts import Texts
from loader.validation.doubles import Doubles, marks_of, marks_of_cells

CONTENT = {letter: letter.encode() * 16 for letter in "abc"} | {"": b""}


def groups_of(doubles):
    """The keys that would send different things, and those that would send the same again."""
    together, repeated = doubles.repetitions(None)
    assert not together
    return list(doubles.conflicts()), list(repeated)


@given(
    st.lists(st.tuples(st.sampled_from(["L1", "L2", "L3", "ł", ""]), st.sampled_from("abc")), max_size=30),
    st.lists(st.integers(1, 7), max_size=6),
)
def test_groups_are_those_of_the_keys(rows, cuts):
    """Each key that stands in several rows is one group with all its rows, identical only if all contents are, however they came."""
    doubles = Doubles()
    by_key = defaultdict(list)
    for ordinal, (key, content) in enumerate(rows):
        if key:
            by_key[key].append((ordinal, content))
    first = 0
    for length in [*cuts, len(rows)]:
        part = rows[first : first + length]
        numbers = range(first + 2, first + 2 + len(part))
        keys, contents = [key for key, _ in part], [CONTENT[content] for _, content in part]
        doubles.add(first, marks_of(0, numbers, keys, contents))
        first += len(part)
    wanted = {
        tuple((ordinal, 0) for ordinal, _ in members): len({content for _, content in members}) == 1
        for members in by_key.values()
        if len(members) > 1
    }

    found = groups_of(doubles)
    assert wanted == {group.members: group.identical for part in found for group in part}
    for part in found:
        assert sorted(group.members[0] for group in part) == [group.members[0] for group in part]


ODD = st.text(alphabet="\x1e\x1f\0aé\ud800", max_size=3)


@given(st.lists(st.tuples(ODD, ODD, ODD, st.sampled_from([0, 1])), max_size=20), st.booleans())
def test_groups_are_the_same_by_cells_as_by_digests(rows, of_arrow):
    """Signs that separate cells, bytes of zero and halves of pairs of surrogates are in keys and cells like any other."""
    form = Texts.of if of_arrow else list
    keys, *columns = (form([row[at] for row in rows]) for at in range(3))
    kinds = [None, bytes(row[3] for row in rows)]
    by_cells, by_digests = Doubles(), Doubles()
    by_cells.add(0, marks_of_cells(0, keys, columns, kinds))
    contents = [blake2b(repr(row[1:]).encode(), digest_size=16).digest() for row in rows]
    by_digests.add(0, marks_of(0, range(len(rows)), [row[0] for row in rows], contents))

    assert groups_of(by_digests) == groups_of(by_cells)


def test_the_same_cells_in_another_step_may_mean_something_else():
    """Its constants and formats are others: what it would send is to be asked for."""
    doubles = Doubles()
    for step in range(2):
        doubles.add(0, marks_of_cells(step, ["B1"], [["Ann"]], [None]))
        doubles.add(0, marks_of_cells(step, ["B2"], [], []))

    assert doubles.unclear() == {0}


def test_steps_of_one_operation_are_compared_with_each_other():
    doubles = Doubles()
    doubles.add(10, marks_of(0, [12, 13], ["L1", "L2"], [b"a" * 16, b"b" * 16]))
    doubles.add(10, marks_of(1, [12, 13], ["L2", "L1"], [b"b" * 16, b"c" * 16]))

    groups = sorted(chain(*groups_of(doubles)), key=attrgetter("members"))

    assert [group.members for group in groups] == [((10, 0), (11, 1)), ((10, 1), (11, 0))]
    assert [group.identical for group in groups] == [False, True]


def test_rows_that_could_not_be_read_are_like_nothing():
    """Two rows without content are never taken for the same."""
    doubles = Doubles()
    doubles.add(0, marks_of(0, [2, 3], ["L1", "L1"], [b"", b""]))
    doubles.add(0, marks_of(1, [2, 3], ["L1", "L1"], [b"", b""]))

    assert [False] == [group.identical for group in chain(*groups_of(doubles))]
