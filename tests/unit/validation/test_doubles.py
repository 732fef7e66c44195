"""Natural keys that occur more than once."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from loader.validation.doubles import Doubles

CONTENT = {letter: letter.encode() * 16 for letter in "abc"}


@given(st.lists(st.tuples(st.sampled_from(["L1", "L2", "L3", "ł"]), st.sampled_from("abc")), max_size=30))
def test_groups_are_those_of_the_keys(rows):
    """Each key that stands in several rows is one group with all its rows, identical only if all contents are."""
    doubles = Doubles()
    by_key = defaultdict(list)
    for ordinal, (key, content) in enumerate(rows):
        doubles.add(ordinal, 0, key, CONTENT[content])
        by_key[key].append((ordinal, content))
    wanted = {
        tuple((ordinal, 0) for ordinal, _ in members): len({content for _, content in members}) == 1
        for members in by_key.values()
        if len(members) > 1
    }

    found = list(doubles.groups())
    assert wanted == {group.members: group.identical for group in found}
    assert sorted(group.members[0] for group in found) == [group.members[0] for group in found]


def test_rows_that_could_not_be_read_are_like_nothing():
    """Two rows without content are never taken for the same."""
    doubles = Doubles()
    doubles.add(0, 0, "L1", b"")
    doubles.add(0, 1, "L1", b"")
    doubles.add(1, 0, "L1", b"")

    assert [False] == [group.identical for group in doubles.groups()]
