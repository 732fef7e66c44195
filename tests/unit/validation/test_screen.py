"""The columns of a batch say of every row what it comes to when it is checked by itself."""

from fakes.columns import cases
from hypothesis import event, given, settings

from loader.models.encoding import encode
from loader.validation.on_demand import BatchOnDemand


def one_by_one(case):
    """Every row checked by itself, whatever the columns show."""
    validator, mapped = case.validator(), case.again()
    count = len(mapped.batch.rows)
    steps = validator._screened(mapped, set())
    rows = BatchOnDemand(mapped.batch, validator._sheet, validator._secret, steps, {})
    found = validator._one_by_one(mapped, steps, rows, range(count))
    return [found[at] for at in range(count)]


def is_plain(row):
    return row.excluded is None and not row.issues and all(step.payload is not None for step in row.steps)


@settings(max_examples=400, deadline=None)
@given(cases())
def test_columns_and_rows_agree(case):
    """Issues, keys, links, amounts, digests, payloads to the byte; and a row is plain where nothing is to be said about it."""
    expected = one_by_one(case)
    found = case.validator().check(case.again())
    event(f"plain rows: {sum(map(is_plain, expected)) * 4 // len(expected)}/4")

    assert {at for at, row in enumerate(expected) if not is_plain(row)} == set(found.unusual)
    assert expected == list(found.rows())
    assert [row.digest for row in expected] == list(found.row_digests())
    for number, step in enumerate(found.steps):
        of_step = [row.steps[number] if row.steps else None for row in expected]
        assert [of.digest if of else b"" for of in of_step] == list(found.step_digests(number))
        for at, of in enumerate(of_step):
            if at in found.unusual:
                assert step.keys[at] == ""
                continue
            links = [(x.field, x.entity, x.keys[at], x.role) for x in step.links if x.keys[at]]
            assert of.operation == step.operation
            assert of.key == step.keys[at]
            assert [(link.field, link.entity, link.key, link.role) for link in of.links] == links
            assert list(of.amounts) == [values[at] for values in step.amounts]
            assert encode(of.payload) == encode(found.row(at).steps[number].payload)


@settings(max_examples=100, deadline=None)
@given(cases())
def test_few_rows_are_checked_by_themselves(case):
    """The screen is exact: it sends no row apart about which there is nothing to say."""
    found = case.validator().check(case.again())

    assert set(found.unusual) == set(found._whole.checked)
