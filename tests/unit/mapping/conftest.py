"""What the tests of the mapping share: small templates, and files made of lists."""

from collections.abc import Callable, Sequence
from textwrap import indent

import pytest

from loader.mapping.binding import bind
from loader.mapping.mapper import Mapper
from loader.mapping.template import LoadedTemplate, parse_template
from loader.source.table import BadRow, Batch, Header, Kind, column_letter

LoanTemplate = Callable[..., LoadedTemplate]
BatchOf = Callable[..., Batch]


def headers_of(*names: str) -> tuple[Header, ...]:
    return tuple(Header(index, column_letter(index), name) for index, name in enumerate(names))


@pytest.fixture
def loan_template() -> LoanTemplate:
    """Makes a template of one `loans.create` step from its fields in YAML; `more` is at the top level."""

    def make(fields: str, *, links: str = "", more: str = "") -> LoadedTemplate:
        text = "template: 1\n" + more + "steps:\n  - operation: loans.create\n    key: displayId\n"
        text += (
            (f"    links: {links}\n" if links else "")
            + "    fields:\n      displayId: Loan\n"
            + indent(fields, "      ")
        )
        return parse_template(text.encode(), "t.yaml")

    return make


@pytest.fixture
def bound(loan_template: LoanTemplate) -> Callable[..., Mapper]:
    """Makes a mapper from fields in YAML and the file's headers."""

    def make(fields: str, *names: str, **more: str) -> Mapper:
        return bind(loan_template(fields, **more), headers_of(*names))

    return make


@pytest.fixture
def batch_of() -> BatchOf:
    """Makes a batch from rows of cells; a cell is text, or a pair of kind and text."""

    def make(rows: Sequence[Sequence[str | tuple[Kind, str]]], bad: dict[int, BadRow] | None = None) -> Batch:
        columns = list(zip(*rows, strict=True))
        texts = [[cell if isinstance(cell, str) else cell[1] for cell in column] for column in columns]
        kinds = [
            bytes(Kind.TEXT if isinstance(cell, str) else cell[0] for cell in column) for column in columns
        ]
        return Batch(
            first_ordinal=0,
            rows=range(2, 2 + len(rows)),
            columns=texts,
            kinds=[k if any(k) else None for k in kinds],
            bad_rows=bad or {},
            blank_rows=0,
        )

    return make
