"""What identifies a request: the same digest for what would be sent alike, another for all else."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from loader.models.content import LinkContent, content_digest
from loader.models.encoding import encode, encode_all
from loader.models.layout import Column, Constant, Layout, leaves_of

PRIMARY = LinkContent("Customers", "customers", "primary")
SECONDARY = LinkContent("Customers", "customers", "secondary")
PARENT = LinkContent("Loan", "loans", "")

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from(["", "a", '"', "\x1f", "1", "null"])
    | st.decimals(-9, 9, places=2)
    | st.sampled_from([Decimal("1E+2"), Decimal(100), Decimal("1E-9"), date(2020, 1, 2), "2020-01-02"])
)
NAMES = st.sampled_from(["a", "b", "ab", "c"])
PAYLOADS = st.recursive(
    st.dictionaries(NAMES, LEAVES, min_size=1, max_size=3),
    lambda inner: st.dictionaries(
        NAMES,
        LEAVES | inner | st.lists(inner, min_size=1, max_size=3).map(lambda items: {"results": items}),
        min_size=1,
        max_size=3,
    ),
    max_leaves=6,
)
LINKS = st.lists(
    st.tuples(st.sampled_from([PRIMARY, SECONDARY, PARENT]), st.sampled_from(["", "a", "b"])), max_size=3
)


def turned(value):
    """The same with its fields the other way round."""
    if isinstance(value, dict):
        return {name: turned(inner) for name, inner in reversed(value.items())}
    return [turned(inner) for inner in value] if isinstance(value, list) else value


def sent(payload, links):
    """What would be sent, whatever the order of its fields."""
    in_order = sorted(leaves_of(payload), key=lambda leaf: leaf[0])
    return [(path, encode([value])) for path, value in in_order], sorted(
        links, key=lambda link: link[0].field
    )


@given(PAYLOADS, LINKS)
def test_the_order_of_fields_does_not_count(payload, links):
    """A template may name them in any order; links of other fields likewise."""
    others = [link for link in links if link[0] is PARENT] + [link for link in links if link[0] is not PARENT]

    assert content_digest(payload, links) == content_digest(turned(payload), others)


@given(PAYLOADS, LINKS, PAYLOADS, LINKS)
def test_digests_are_the_same_exactly_where_the_same_is_sent(payload, links, other, others):
    """Every value, its place, its type and every link count; 1E+2 is sent as 100."""
    alike = sent(payload, links) == sent(other, others)

    assert alike == (content_digest(payload, links) == content_digest(other, others))


def test_the_secret_counts():
    """A payload with personal data is not told by its digest."""
    assert content_digest({"a": 1}, [], b"one") != content_digest({"a": 1}, [], b"two")
    assert content_digest({"a": 1}, []) != content_digest({"a": 1}, [], b"two")


@given(st.lists(st.lists(LEAVES, min_size=2, max_size=2), max_size=4))
def test_many_are_encoded_as_one_is(rows):
    """Where no number has an exponent, they are not looked for."""
    are_written_out = not any(
        isinstance(value, Decimal) and "E" in str(value) for row in rows for value in row
    )

    assert [encode(row) for row in rows] == list(encode_all(rows, are_written_out=are_written_out))


@given(PAYLOADS, st.integers(1, 3))
def test_a_layout_makes_the_payload_that_it_was_made_of(payload, count):
    """Values from columns and constants alike, each payload an object of its own."""
    columns = []

    def leaf(value):
        if isinstance(value, dict):
            return {name: leaf(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [leaf(inner) for inner in value]
        if isinstance(value, int):
            return Constant(value)
        columns.append([value] * count)
        return Column(len(columns) - 1)

    layout = Layout(leaf(payload))
    made = layout.payloads(columns, count)

    assert [encode(payload)] * count == [encode(one) for one in made]
    assert count == len({id(one) for one in made})
    assert [path for path, _ in sorted(leaves_of(payload))] == list(layout.leaves)
