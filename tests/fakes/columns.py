"""Templates and mapped batches by chance: fields of all kinds, right and wrong values, gaps, links, keys, totals."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
from hypothesis import strategies as st

from loader.mapping.field_spec import ROW
from loader.mapping.field_types import field_type
from loader.mapping.known_values import OneKind, Repeated
from loader.mapping.mapped import BAD, OMITTED, Absent, MappedBatch, MappedField, MappedLink, MappedStep
from loader.mapping.mapper import BoundField, BoundLink, BoundStep, Mapper
from loader.mapping.spec import Template
from loader.mapping.template import LoadedTemplate
from loader.models.issue import Issue, Severity
from loader.models.operation import Operation
from loader.models.operations import find_operation
from loader.models.structure import leaf_paths
from loader.source.table import BadRow, Batch, Header, column_letter
from loader.validation.validator import Validator

TODAY = date(2026, 1, 15)
SECRET = b"s" * 32

_TEXTS = [
    "Ann",
    "x",
    "Acme",
    "ü",
    "a@b.co",
    "no email",
    "012345678",
    "000000000",
    "12345",
    "May rent",
    "L-1 total",
]
_DECIMALS = [
    Decimal(n) for n in ("0", "0.00", "1", "12.5", "12.50", "0.0850", "-3.00", "999999999.99", "36", "5.1234")
]
_DATES = [date(2021, 5, 7), date(2021, 6, 7), date(2023, 1, 1), date(1980, 2, 29), date(2026, 1, 16)]
_FITTING = {
    "email": "a@b.co",
    "ssn": "012345678",
    "customerType": "customer.type.individual",
    "firstPaymentDate": date(2021, 5, 30),
    "comments": "May rent",
}
"""Values of fields for which not every value of their type is right."""
_WRONG = st.sampled_from(
    [
        *(Decimal(number) for number in ("NaN", "1E+3", "1E+30", "0.123456", "12345678901.00", "-0")),
        OMITTED, OMITTED, OMITTED, BAD, None, None, "", "", 5, 0, 1, -1, 2**70, 1.5, True, False, "x" * 300, "x" * 245,
        "[ldr:0123456789]", "geo.state.UT", date(2020, 1, 2), datetime(2020, 1, 2, 3, 4),  # noqa: DTZ001
        "customer.type.company", "loan.type.lease", "loan.frequency.weekly", "Total", "Grand  total:", " HEADER  1", "1.00",
    ]
)  # fmt: skip
_ADDRESSES = [
    f"{at}.{name}"
    for at in ("PrimaryAddress", "MailAddress")
    for name in ("address1", "city", "state", "zipcode", "country")
]
_TERMS = [
    "loanClass", "loanType", "loanAmount", "loanRate", "loanRateType", "loanTerm", "contractDate", "firstPaymentDate",
    "paymentFrequency", "calcType", "daysInYear", "interestApplication",
]  # fmt: skip
_NEEDED = {
    "customers.create": ["customerType", "firstName", "lastName", "email", *_ADDRESSES],
    "loans.create": ["displayId", *(f"LoanSetup.{name}" for name in _TERMS)],
    "payments.create": ["amount", "date", "info", "paymentMethodId", "paymentTypeId"],
    "charges.create": ["amount", "date", "info", "chargeTypeId", "chargeApplicationType", "interestBearing"],
    "notes.create": ["subject", "body", "categoryId"],
}
_RULED = {
    "customers.create": [
        "companyName", "ssn", "birthDate", "creditLimit", "Phones[1].phone", "Phones[2].phone", "Phones[2].type",
        "Employer.companyName", "Employer.Address.city", "CustomFieldValues[1].customFieldId",
        "CustomFieldValues[1].customFieldValue",
    ],
    "loans.create": [
        "LoanSetup.residual", "LoanSetup.creditLimit", "LoanSetup.active", "LoanSettings.closedDate", "LoanSettings.secured",
        "Collateral[1].vin", "Collateral[3].vin", "Collateral[3].__ignoreWarnings", "__ignoreWarnings",
    ],
    "payments.create": ["comments", "active"],
    "charges.create": ["displayId"],
    "notes.create": ["expirationDate"],
}  # fmt: skip
"""Fields that rules are about, and that nest; all others are drawn now and then."""


_TELLING = {
    "customers.create": ["customerType", "email", "lastName", "Employer.title", "MailAddress.address2"],
    "loans.create": ["displayId", "LoanSetup.firstPaymentDate", "LoanSetup.loanAmount", "LoanSetup.residual"],
    "payments.create": ["info"] * 3,
    "charges.create": ["info"] * 3,
    "notes.create": ["subject"] * 3,
}
"""Fields that more depends on than on others."""


def right(model, path, *, plain):
    """Values that a field may have, as conversions and constants make them; in plain files those that no rule minds."""
    kind, name = field_type(model, path), path.rpartition(".")[2]
    if plain and name in _FITTING:
        return st.just(_FITTING[name])
    if kind.choices:
        return st.sampled_from(kind.choices[:4])
    if kind.takes("1"):
        return st.sampled_from(_TEXTS[:4] if plain else _TEXTS)
    if kind.takes(Decimal("12.5")):
        return st.sampled_from([Decimal("12.5"), Decimal("36.00"), 12] if plain else [*_DECIMALS, 12])
    if kind.takes(_DATES[0]):
        return st.sampled_from(_DATES[:1] if plain else _DATES)
    return st.sampled_from([value for value in (1, 0, True) if kind.takes(value)])


@dataclass
class Case:
    """One file as the validation sees it."""

    template: Template
    mapper: Mapper
    table: SimpleNamespace
    mapped: MappedBatch

    def validator(self):
        return Validator(self.template, self.mapper, self.table, today=TODAY, secret=SECRET)

    def again(self):
        """The mapped batch, with issues that nobody has added to."""
        issues = {at: list(found) for at, found in self.mapped.issues.items()}
        batch = self.mapped
        return MappedBatch(batch.batch, batch.excluded, batch.steps, issues, batch.notes)


_HEADERS = tuple(Header(n, column_letter(n), f"Header {n}") for n in range(6))


@st.composite
def cases(draw, most_rows=12):
    """A template and a batch of rows."""
    rows = draw(st.integers(1, most_rows))
    names = draw(
        st.sampled_from(
            [
                ["customers.create"],
                ["loans.create"],
                ["customers.create", "loans.create"],
                ["customers.create", "customers.create"],
                ["payments.create"],
                ["charges.create"],
                ["notes.create"],
            ]
        )
    )
    # In most files hardly anything is odd, so that there are plain rows at all, and that nothing hides behind something else.
    faulty = draw(st.sampled_from(["nothing", "one column", "one column", "anything"]))
    told, mapped, bound = [], [], []
    earlier: list[Operation] = []
    for name in names:
        of_template, of_mapper, of_batch = draw(_steps(name, rows, earlier, faulty))
        told.append(of_template)
        bound.append(of_mapper)
        mapped.append(of_batch)
        earlier.append(find_operation(name).keyed_by(of_batch.key))
    batch = Batch(
        first_ordinal=draw(st.sampled_from([0, 4096])),
        rows=range(2, rows + 2),
        columns=[[draw(st.sampled_from(_TEXTS))] * rows for _ in _HEADERS],
        kinds=[None] * len(_HEADERS),
        bad_rows={at: BadRow(at + 2, "has 9 cells", ("a", "b")) for at in draw(_some(rows, rare=True))},
        blank_rows=0,
        lines=draw(st.sampled_from([None, range(3, rows + 3)])),
    )
    excluded = dict.fromkeys(draw(_some(rows, rare=True)), '"Status" is "Test"')
    issues = {at: [Issue("row.ragged", "has 9 cells")] for at in batch.bad_rows}
    for step in mapped:
        for field in step.fields:
            for at, value in enumerate(field.values):
                if value is BAD and at not in excluded and at not in batch.bad_rows:
                    issues.setdefault(at, []).append(
                        Issue("money.not-a-number", "is no number", field=field.path)
                    )
    for at in draw(_some(rows, rare=True)):
        issues.setdefault(at, []).append(Issue("cell.odd", "looks odd", severity=Severity.WARNING))
    template = Template.model_validate(
        {"template": 1, "steps": told, "totals": draw(st.sampled_from(_totals(mapped)))}
    )
    table = SimpleNamespace(sheet="", digest="d" * 64, origin=None, headers=_HEADERS)
    places = {
        (number, field.path): field.source.headers[0]
        for number, step in enumerate(bound)
        for field in step.fields
        if field.source
    }
    mapper = Mapper(
        tuple(bound), None, (), frozenset(), (), LoadedTemplate(template, "t", "", {}, ""), _places=places
    )
    return Case(template, mapper, table, MappedBatch(batch, excluded, tuple(mapped), issues))


def _totals(mapped):
    paths = {field.path for step in mapped for field in step.fields}
    return [[], [path for path in ("LoanSetup.loanAmount", "amount", "LoanSetup.loanTerm") if path in paths]]


def _some(rows, *, rare):
    return st.sets(st.integers(0, rows - 1), max_size=1 if rare else rows)


@st.composite
def _steps(draw, name, rows, earlier, faulty):
    """One step as the template tells it, as it is bound, and mapped."""
    operation = find_operation(name)
    model = operation.model
    needed = _NEEDED[name]
    plain = faulty != "anything"
    leaves_out = not plain and draw(st.integers(0, 3)) == 0
    left_out = draw(st.sets(st.sampled_from(needed), max_size=2)) if leaves_out else set()
    more = draw(
        st.lists(
            st.sampled_from(_RULED[name]) | st.sampled_from(leaf_paths(model)), max_size=1 if plain else 4
        )
    )
    paths = draw(st.permutations([*dict.fromkeys([path for path in needed if path not in left_out] + more)]))
    paths = [
        path for path in paths if not field_type(model, path).refused and not path.startswith("Customers[")
    ]
    chosen = ""
    if faulty == "one column":
        chosen = draw(st.sampled_from(["(key)", "(links)", *_TELLING[name]]) | st.sampled_from(paths))
        paths += [chosen] if chosen[0] != "(" and chosen not in paths else []
    key, keys = draw(_keys(operation, rows, plain=plain and chosen != "(key)"))
    if key in operation.key_fields:
        paths = [key, *(path for path in paths if path != key)]
    if key == "person":
        operation = operation.keyed_by(("ssn", "birthDate"))
        paths = [*dict.fromkeys(["ssn", "birthDate", *paths])]
    fields, bound, told = [], [], {}
    for path in paths:
        may_be_constant = path not in (key, chosen, "ssn", "birthDate")
        is_plain = plain and path != chosen
        if may_be_constant and draw(st.integers(0, 2)) == 0:
            value = draw(right(model, path, plain=plain).filter(field_type(model, path).takes))
            value = field_type(model, path)._adapter.validate_python(value)
            bound.append(BoundField(path, None, value))
            fields.append(MappedField(path, [value] * rows, constant=True))
            told[path] = {"value": "x"}
            continue
        faults = 9 if path == chosen else 0 if plain else 2
        values = keys if path == key else draw(_values(right(model, path, plain=is_plain), rows, faults))
        header = _HEADERS[draw(st.integers(0, len(_HEADERS) - 1))]
        bound.append(BoundField(path, SimpleNamespace(headers=(header,))))
        fields.append(MappedField(path, draw(_told_of(values)), constant=False))
        told[path] = header.name
    names = {"person": ("ssn", "birthDate"), "column": ("key",)}.get(key, (key,))
    key_source = SimpleNamespace(headers=(_HEADERS[1],)) if key == "column" else None
    links = draw(_links(operation, rows, earlier, plain=plain and chosen != "(links)"))
    mapped = MappedStep(name, names, tuple(fields), links, keys if key == "column" else None)
    bound_links = tuple(BoundLink(link.field, link.to, link.by, link.role, None) for link in links)
    written_key = {"column": {"column": "Header 1"}, "person": list(names)}.get(key, key)
    told_step = {
        "operation": name,
        "key": written_key,
        "fields": told,
        "tenant_defaults": draw(st.booleans()),
    }
    if operation.marker_fields and draw(st.booleans()):
        told_step["marker"] = operation.marker_fields[-1]
    return told_step, BoundStep(name, names, tuple(bound), bound_links, key_source), mapped


@st.composite
def _keys(draw, operation, rows, *, plain):
    """The kind of a step's natural key, and its values where a column holds them."""
    values = [f"K{n}" for n in range(rows)]
    if not plain:
        odd = st.sampled_from(
            ["Total", "sums:", "header  1", "Header 1", BAD, OMITTED, None, 12, "\u017fum", "K0", "Kü"]
        )
        for at in draw(_some(rows, rare=False)):
            values[at] = draw(odd)
    if operation.key_fields:
        kinds = [operation.key_fields[0], "column"]
        if operation.personal_key:
            kinds.append("person")
        return draw(st.sampled_from(kinds)), values
    return draw(st.sampled_from(["column", ROW])), values


@st.composite
def _values(draw, right_values, rows, faults):
    """A column of right values; with faults in so many of ten columns."""
    values = draw(st.lists(right_values, min_size=rows, max_size=rows))
    if draw(st.integers(0, 9)) >= faults:
        return values
    kind = draw(st.sampled_from(["gaps", "gaps", "blank", "wrong"]))
    where = range(rows) if kind == "blank" else draw(st.sets(st.integers(0, rows - 1), min_size=1))
    same = draw(st.sampled_from([OMITTED, OMITTED, None, ""]))
    for at in where:
        values[at] = draw(_WRONG) if kind == "wrong" else same
    return values


@st.composite
def _told_of(draw, values):
    """The same column, with or without what its conversion knows of it."""
    told = draw(st.sampled_from(["nothing", "different values", "one kind"]))
    if told == "nothing":
        return values
    if told == "one kind":
        return _of_one_kind(values, draw(_some(len(values), rare=False)), draw(st.integers(0, 2)))
    more = draw(st.lists(st.sampled_from([*values, OMITTED]), max_size=2))
    different = {repr(value): value for value in [*more, *values]}
    codes = [list(different).index(repr(value)) for value in values]
    return Repeated(list(different.values()), np.array(codes, np.int32))


def _of_one_kind(values, open_cells, spare):
    """Values by the type of the first that is one, those that are odd for that type among the others; numbers have room to spare."""
    kind = next((type(value) for value in values if type(value) not in (Absent, type(None))), None)
    if kind is None:
        return values
    others = sorted(
        open_cells
        | {
            at
            for at, value in enumerate(values)
            if type(value) is not kind or value == "" or _is_odd_number(value)
        }
    )
    usual = [value for at, value in enumerate(values) if at not in others]
    room = days = None
    if kind is Decimal:
        parts = [str(value).partition(".") for value in usual]
        room = tuple(max((len(part[at]) for part in parts), default=0) + spare for at in (0, 2))
    elif kind is date:
        days = np.array([0 if at in others else value.toordinal() for at, value in enumerate(values)])
    made = OneKind(kind, values, others, days=days)
    made.room = room
    return made


def _is_odd_number(value):
    return type(value) is Decimal and (not value.is_finite() or value.is_signed() or "E" in str(value))


@st.composite
def _links(draw, operation, rows, earlier, *, plain):
    wanted = [operation.parent] if operation.parent else list(operation.links) * draw(st.integers(0, 2))
    made = [
        other.key_fields
        for other in earlier
        if operation.links and other.entity_group == operation.links[0].to
    ]
    links = []
    for link in wanted:
        keys = [f"B{n // 2}" for n in range(rows)]
        if not plain or (not operation.parent and draw(st.booleans())):
            for at in draw(_some(rows, rare=False)):
                keys[at] = ""
        role = draw(st.sampled_from(link.roles)) if link.roles else ""
        by, of = (link.by,), keys
        if made and draw(st.booleans()):
            by, of = made[0], None
        links.append((link, by, of, role))
    return tuple(MappedLink(link.field, link.to, by, role, of) for link, by, of, role in links)
