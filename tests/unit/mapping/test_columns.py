import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.mapping.columns import REMEMBERED, as_text, joined, parted, remembering
from loader.mapping.conversions import GIVES, conversion_of
from loader.mapping.field_spec import FieldSpec
from loader.mapping.mapped import BAD, OMITTED
from loader.mapping.refusal import BLANK, Refusal
from loader.source.table import Kind

CELLS = st.text(max_size=30) | st.sampled_from(
    [
        "",
        " ",
        "1",
        "1.5",
        "$5",
        "(5)",
        "5%",
        "yes",
        "2017-03-09",
        "CA",
        "USA",
        "801 555 1234",
        "\u200b",
        "N/A",
        "1,5",
        "9" * 40,
    ]
)
KINDS = st.sampled_from(list(Kind))


def spec_of(name, **options):
    return FieldSpec.model_validate(
        {"column": "A", "as": name} | ({"choices": {"yes": 1}} if name == "choice" else {}) | options
    )


SPECS = [
    *(spec_of(name) for name in GIVES),
    *(spec_of(name, decimal=",") for name in ("money", "decimal", "percent", "fraction", "integer")),
    *(
        spec_of("date", format=form)
        for form in ("MM/DD/YYYY", "M/D/YY", "Mon YYYY", "YYYYMMDD", "serial", "serial-1904")
    ),
    spec_of("date", plus_months=1200),
    spec_of("digits", length=9, pad=True),
    spec_of("money", group=" ", currency="EUR"),
    spec_of("decimal", group="'"),
]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{spec.as_}-{spec.format or spec.decimal or ''}")
@given(cell=CELLS, kind=KINDS)
def test_no_cell_makes_a_conversion_raise(spec, cell, kind):
    """Whatever stands in a cell is a value or a refusal, and a refusal says nothing of a long value."""
    found = conversion_of(spec)(cell, kind)

    assert found is not None
    if isinstance(found, Refusal) and len(cell.strip()) > 12:
        assert cell.strip() not in found.message + found.advice


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{spec.as_}-{spec.format or spec.decimal or ''}")
@given(cells=st.lists(st.tuples(CELLS, KINDS), max_size=12), batches=st.integers(1, 3))
def test_remembering_changes_no_result(spec, cells, batches):
    """A column converted at once, again and again, is what its cells are one by one."""
    convert = conversion_of(spec)
    texts, kinds = [text for text, _ in cells], bytes(kind for _, kind in cells)
    at_once = remembering(convert, OMITTED)
    quick = as_text(convert, OMITTED) if spec.as_ == "text" else at_once

    for _ in range(batches):
        for column in (at_once, quick):
            found = column(texts, kinds)
            single = [remembering(convert, OMITTED)([text], bytes([kind])) for text, kind in cells]
            assert [one.values[0] for one in single] == found.values
            assert {at: one.refused[0] for at, one in enumerate(single) if one.refused} == found.refused


def test_each_distinct_text_is_converted_once():
    """Also over batches, while the column repeats itself."""
    seen = []
    column = remembering(lambda text, kind: seen.append((text, kind)) or text, OMITTED)
    for _ in range(3):
        column(["a", "b"] * 50, None)

    assert seen == [("a", Kind.TEXT), ("b", Kind.TEXT)]


def test_the_memory_is_bounded():
    """A column of millions of distinct texts does not fill it."""
    seen = []
    column = remembering(lambda text, kind: seen.append(text) or text, OMITTED)
    for start in range(0, 4 * REMEMBERED, 4096):
        column([str(start + n) for n in range(4096)], None)
    kept = column.__closure__

    assert len(seen) == 4 * REMEMBERED
    assert all(
        len(memo) <= REMEMBERED
        for cell in kept
        if isinstance(cell.cell_contents, tuple)
        for memo in cell.cell_contents
    )


@pytest.mark.parametrize("make", [remembering, as_text])
@pytest.mark.parametrize(
    ("blank", "value"), [(OMITTED, OMITTED), (None, None), ("", ""), ("x", "x"), (BLANK, BAD)]
)
def test_white_space_alone_is_blank(make, blank, value):
    """A blank cell is what the template says, and a refusal where it says so."""
    found = make(conversion_of(spec_of("text")), blank)(["", "  ", "\u200b", "\u00a0"], None)

    assert [value] * 4 == found.values
    assert (set(range(4)) if blank is BLANK else set()) == set(found.refused)


def test_joined_columns_pass_blank_cells_over():
    """No doubled space where a middle name is missing."""
    texts, kinds = joined([["Jane", "Al"], ["", "B"], ["Doe", " Z "]], [None, None, None], " ")

    assert texts == ["Jane Doe", "Al B Z"]
    assert kinds is None


def test_an_error_in_one_part_is_the_whole_cells():
    """Half a name is no name."""
    kinds = joined([["Jane", "Al"], ["#N/A", "B"]], [None, bytes([Kind.ERROR, Kind.NUMBER])], " ")[1]

    assert bytes([Kind.ERROR, Kind.TEXT]) == kinds


def test_a_part_of_a_cell():
    """Parts count from 1; a missing part is blank; a space is any run of white space."""
    assert parted(["Doe, Jane", "Doe"], None, ",", 2)[0] == [" Jane", ""]
    assert parted(["Jane \t Doe"], None, " ", 2)[0] == ["Doe"]


def test_an_error_is_never_cut():
    """#DIV/0! split by / is still an error."""
    assert (["#DIV/0!", "a"], bytes([Kind.ERROR, Kind.TEXT])) == parted(
        ["#DIV/0!", "a/b"], bytes([Kind.ERROR, Kind.NUMBER]), "/", 1
    )
