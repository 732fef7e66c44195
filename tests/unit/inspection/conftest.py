"""What all tests of columns need."""

import pytest

from loader.source.texts import Texts


@pytest.fixture(scope="session", autouse=True)
def arrow():
    """Loads Arrow, which would take the time of the first test that looks at a column."""
    return Texts.of(["a"]).span()
