"""Keys and digests of rows whose key is personal data."""

import csv
from datetime import date
from hashlib import blake2b
from itertools import islice
from pathlib import Path

import pytest
from fakes.personal import personal_template

from loader.models.encoding import encode
from loader.opening import Source

SAMPLE = Path(__file__).parents[3] / "samples" / "portfolio.csv"


@pytest.fixture
def checked(tmp_path):
    """Checks the first rows of the sample portfolio with a secret."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        table = list(islice(csv.reader(file), 4))
    with (tmp_path / "people.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(table)
    (tmp_path / "personal.yaml").write_text(personal_template(), encoding="utf-8")

    def check(secret):
        (batch,) = (
            Source(tmp_path / "people.csv", str(tmp_path / "personal.yaml")).open().checked_batches(secret)
        )
        return table[1:], list(batch.rows())

    return check


def test_nothing_in_the_journal_is_a_plain_hash_of_the_person(checked):
    """Who knows the rest of a row could try all numbers: key and digests are another with another secret."""
    cells, rows = checked(b"a" * 32)
    _, others = checked(b"b" * 32)
    for row, other, of_row in zip(rows, others, cells, strict=True):
        customer, loan = row.steps
        plain = blake2b(encode(customer.payload), digest_size=16).digest()
        assert customer.digest not in (plain, other.steps[0].digest)
        assert row.digest not in (
            blake2b("\x1f".join(of_row).encode(), digest_size=16).digest(),
            other.digest,
        )
        assert customer.key != other.steps[0].key
        assert [customer.key] == [link.key for link in loan.links]


def test_the_same_secret_makes_the_same(checked):
    """What is resumed must be what was checked."""
    _, rows = checked(b"a" * 32)
    _, again = checked(b"a" * 32)

    assert [(row.digest, row.steps) for row in rows] == [(row.digest, row.steps) for row in again]
    assert isinstance(rows[0].steps[0].payload["birthDate"], date)
