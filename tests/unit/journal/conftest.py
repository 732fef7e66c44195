"""A real journal with one run in it."""

import pytest
from fakes.harness import Harness


@pytest.fixture
def harness(tmp_path):
    harness = Harness(tmp_path, server=None)
    yield harness
    harness.journal.close()
