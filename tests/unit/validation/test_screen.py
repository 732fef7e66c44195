"""The columns of a batch say of every row what it comes to when it is checked by itself."""

import pytest
from fakes.columns import cases
from hypothesis import event, given, settings

from loader.models.encoding import encode
from loader.validation import presence
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


@settings(max_examples=200, deadline=None)
@given(cases())
def test_columns_and_rows_agree(case):
    """Issues, keys, links, amounts, digests, payloads to the byte; and a row is plain where nothing is to be said about it."""
    expected = one_by_one(case)
    found = case.validator().check(case.again())
    event(f"plain rows: {sum(map(is_plain, expected)) * 4 // len(expected)}/4")

    assert {at for at, row in enumerate(expected) if not is_plain(row)} == set(found.unusual)
    rows = found.rows()
    assert expected == rows
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
            assert encode(of.payload) == encode(rows[at].steps[number].payload)


@settings(max_examples=50, deadline=None)
@given(cases())
def test_few_rows_are_checked_by_themselves(case):
    """The screen is exact: it sends no row apart about which there is nothing to say."""
    found = case.validator().check(case.again())

    assert set(found.unusual) == set(found._whole.checked)


@settings(max_examples=60, deadline=None)
@given(cases())
def test_rows_whose_nesting_is_rare_are_sent_alike(case):
    """Where nearly every row nests in its own way, payloads and digests are made row by row; they are the same."""
    usual, rare = case.validator().check(case.again()), case.validator().check(case.again())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(presence, "_FEW", 0)
        digests = [list(rare.step_digests(number)) for number in range(len(rare.steps))]
        rows = list(rare.rows())

    assert [list(usual.step_digests(number)) for number in range(len(usual.steps))] == digests
    assert list(usual.rows()) == rows
    for one, other in zip(usual.rows(), rows, strict=True):
        assert [encode(step.payload) for step in one.steps if step.payload is not None] == [
            encode(step.payload) for step in other.steps if step.payload is not None
        ]


@settings(max_examples=50, deadline=None)
@given(cases())
def test_rows_are_told_apart_however_many_nestings_there_are(case):
    """What is not worth finding out for a few rows alike is found out row by row."""
    usual = case.validator().check(case.again())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(presence, "_FEW", 0)
        rare = case.validator().check(case.again())

    assert dict(usual.unusual) == dict(rare.unusual)
    assert list(usual.rows()) == list(rare.rows())
    assert [(step.keys, step.links, step.amounts) for step in usual.steps] == [
        (step.keys, step.links, step.amounts) for step in rare.steps
    ]
