"""Which of the values that are there decide about a row, and which do not."""

from fakes.columns import cases
from hypothesis import given, settings
from hypothesis import strategies as st

from loader.opening import Source
from loader.validation.presence import Mark, Varied, alike

GAPS = st.sampled_from([Mark.THERE, Mark.THERE, Mark.THERE, Mark.OMITTED, Mark.NULL, Mark.EMPTY])
KINDS = st.sampled_from(["customer.type.individual", "customer.type.company", Mark.OMITTED, Mark.NULL])
ROWS = 3


def marks(draw, facts, deciding):
    """Marks of a batch: most columns are filled, some have gaps."""
    found = []
    for index, path in enumerate(facts.shape.paths):
        of = KINDS if index in deciding else GAPS
        if path in facts.constants:
            found.append(Mark.THERE)
        elif draw(st.integers(0, 3)):
            found.append("customer.type.individual" if index in deciding else Mark.THERE)
        else:
            found.append(draw(st.lists(of, min_size=ROWS, max_size=ROWS).map(Varied.of) | of))
    return found


@settings(max_examples=150, deadline=None)
@given(cases(most_rows=1), st.data())
def test_values_that_do_not_count_change_no_verdict(case, data):
    """Rows are sorted by the others alone, so that optional columns do not scatter them."""
    for screen in case.validator()._screens:
        verdicts = screen._verdicts
        of_batch = marks(data.draw, screen._facts, verdicts.deciding)
        exact = {
            at: verdicts._tests(rows.signature) for rows in alike(of_batch, ROWS, ()) for at in rows.rows
        }
        sorted_out = list(alike(verdicts.that_count(of_batch), ROWS, ()))
        found = {at: verdicts._tests(rows.signature) for rows in sorted_out for at in rows.rows}

        assert exact == found
        assert len(sorted_out) <= len(list(alike(of_batch, ROWS, ())))


@given(cases(most_rows=1))
def test_optional_fields_of_the_payload_itself_never_count(case):
    """The commonest gaps of all leave all rows together."""
    for screen in case.validator()._screens:
        facts, verdicts = screen._facts, screen._verdicts
        model = facts.operation.model
        of_batch = [
            Varied.of([Mark.THERE, Mark.OMITTED])
            if path not in facts.constants and path in {"middleName", "status", "loanAlert", "displayId", "order", "authorId"}
            and path not in {*model.required, *facts.operation.key_fields}
            else Mark.THERE
            for path in facts.shape.paths
        ]  # fmt: skip

        assert 1 == len(list(alike(verdicts.that_count(of_batch), 2, ())))


TEMPLATE = """
template: 1
steps:
  - operation: customers.create
    key: customId
    fields:
      customId: No
      firstName: {value: Ann}
      lastName: {value: Lee}
      email: {value: ann@example.com}
      middleName: Middle
      Employer.title: Title
      Employer.incomeFrequency: {value: customerEmployer.incomeFrequency.monthly}
      Phones[1].phone: {column: Phone, as: phone}
      Phones[1].carrierName: Carrier
"""
ADDRESS = """
      {at}.address1: {{value: 1 Main St}}
      {at}.city: {{value: Reno}}
      {at}.state: {{value: geo.state.NV}}
      {at}.zipcode: {{value: "89501"}}
      {at}.country: {{value: company.country.usa}}
"""


def test_an_optional_field_counts_where_an_object_is_there_for_its_sake(tmp_path):
    """A job's title alone makes an employer, whose name is then missing; so does a carrier a phone."""
    template = TEMPLATE.rstrip() + "".join(
        ADDRESS.format(at=at).rstrip() for at in ("PrimaryAddress", "MailAddress")
    )
    (tmp_path / "people.yaml").write_text(template, encoding="utf-8")
    rows = ["1,M,,,", "2,,Clerk,,", "3,M,,702-555-0100,Bell", "4,,,,Bell", "5,M,,702-555-0100,", "6,,,,"]
    (tmp_path / "people.csv").write_text(
        "\n".join(["No,Middle,Title,Phone,Carrier", *rows]), encoding="utf-8"
    )

    intake = Source(tmp_path / "people.csv", str(tmp_path / "people.yaml")).open()
    batch = next(iter(intake.checked_batches(b"")))
    found = {row.ref.row - 1: [issue.field for issue in row.issues] for row in batch.rows() if row.issues}

    assert {2: ["Employer.companyName"], 4: ["Phones[1].phone"]} == found
    assert {1, 3} == set(batch.unusual)
    assert {1, 3} == set(batch._whole.checked)
    assert [False, False, False] == [
        "Employer" in row.steps[0].payload for at, row in enumerate(batch.rows()) if at not in (1, 3)
    ]
