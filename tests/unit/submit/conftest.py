"""A server and a journal for each test."""

import pytest
from fakes.harness import Harness, customer_step, loan_step, row
from fakes.scripted_server import ScriptedServer


@pytest.fixture
def server():
    server = ScriptedServer()
    yield server
    server.close()


@pytest.fixture
def harness(tmp_path, server):
    harness = Harness(tmp_path, server)
    yield harness
    harness.journal.close()


@pytest.fixture
def make():
    """Makers of rows and steps."""

    class Make:
        loan = staticmethod(loan_step)
        customer = staticmethod(customer_step)
        row = staticmethod(row)

    return Make
