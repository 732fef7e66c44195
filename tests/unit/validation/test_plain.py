"""Columns of plain rows say what each row says by itself, packed or not."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from loader.models.operations import find_operation
from loader.source.table import Batch
from loader.validation.checked import CheckedBatch, CheckedColumns, LinkColumn
from loader.validation.plain import PackedRows, plain_rows

KEYS = st.sampled_from(["B1", "B2", "Zoë", ""])
AMOUNTS = st.one_of(
    st.none(),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**6), max_value=10**6),
    st.sampled_from([Decimal("1E+3"), Decimal("0E-9"), Decimal("-0.00"), Decimal("12.50")]),
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {"made": KEYS, "linked": KEYS, "amounts": st.tuples(AMOUNTS, AMOUNTS), "unusual": st.booleans()}
    ),
    max_size=8,
)


def checked(rows):
    """A batch in which the second step links to what the first makes, and has two control totals."""
    unusual = {at: None for at, row in enumerate(rows) if row["unusual"]}
    made, linked = ([row[name] for row in rows] for name in ("made", "linked"))
    batch = Batch(0, range(2, 2 + len(rows)), [], [], {}, 0)
    first = CheckedColumns(find_operation("customers.create"), made, (), ())
    link = LinkColumn("Customers", "customers", "primary", linked)
    amounts = tuple(zip(*(row["amounts"] for row in rows), strict=True)) or ((), ())
    second = CheckedColumns(find_operation("loans.create"), made, (link,), amounts)
    return CheckedBatch(batch, (), (first, second), unusual, None)


def row_by_row(rows):
    """Of each plain row its number, its totals' values, and the key that its link still needs."""
    return [
        (
            number,
            "|".join("" if amount is None else f"{amount:f}" for amount in row["amounts"]),
            "" if row["linked"] == row["made"] else row["linked"],
        )
        for number, row in enumerate(rows, 2)
        if not row["unusual"]
    ]


@given(ROWS)
def test_columns_say_what_rows_say(rows):
    packed = PackedRows.of(plain_rows(checked(rows), digests=False))
    found = packed.unpacked()
    wanted = row_by_row(rows)
    _, loans = found.steps
    ((entity, keys),) = loans.links

    assert entity == "customers"
    amounts, links = loans.amounts or [], keys or [""] * len(wanted)
    assert wanted == list(zip(found.rows, amounts, links, strict=True))
    assert packed.count == len(wanted)
    if wanted:
        assert (packed.first, packed.last, packed.last_row) == (
            wanted[0][0] - 2,
            wanted[-1][0] - 2,
            wanted[-1][0],
        )
        assert packed.sums == tuple(tuple(step.sums) for step in found.steps)
        sums = [sum(filter(None, column), Decimal(0)) for column in zip(*plain_amounts(rows), strict=True)]
        assert sums == list(map(Decimal, loans.sums))


def plain_amounts(rows):
    return [row["amounts"] for row in rows if not row["unusual"]]
