"""
Whatever happened to a file, it is read or refused with a message: nothing else comes out, in bounded time and memory.

A few examples for each format by default, always the same; `make fuzz` takes two thousand new ones.
"""

import os

import pytest
from fuzz.damage import ARCHIVES, damaged_archive, damaged_bytes, is_archive, seeds
from fuzz.reader import Reader
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
FORMATS = ("csv", "csv.gz", "zip", "xlsx", "xlsm", "xlsb", "xls", "ods", "parquet")
bounded = settings(
    max_examples=EXAMPLES or 25,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def reader():
    process = Reader()
    yield process
    process.close()


def only_ours(reader, suffix, content, sheet):
    ended, found = reader.read(f"loans.{suffix}", content, sheet)
    assert ended in {"rows", "refused"}, found


@pytest.mark.parametrize("suffix", FORMATS)
@bounded
@given(data=st.data())
def test_bytes(reader, suffix, data):
    """Bits flipped, bytes lost and put in, ends cut off."""
    content, sheet = data.draw(st.sampled_from(seeds_of(suffix)))
    only_ours(reader, suffix, data.draw(damaged_bytes(content)), sheet)


@pytest.mark.parametrize("suffix", ARCHIVES)
@bounded
@given(data=st.data())
def test_members(reader, suffix, data):
    """Members lost, renamed, damaged; values and tags of their XML exchanged; the archive itself is whole."""
    content, sheet = data.draw(st.sampled_from([seed for seed in seeds_of(suffix) if is_archive(seed[0])]))
    only_ours(reader, suffix, data.draw(damaged_archive(content)), sheet)


_SEEDS = {}


def seeds_of(suffix):
    """Made once."""
    if suffix not in _SEEDS:
        _SEEDS[suffix] = seeds(suffix)
    return _SEEDS[suffix]
