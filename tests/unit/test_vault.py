"""The token in the system keyring."""

import sys

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from loader.errors import SettingsError
from loader.settings import read_settings
from loader.vault import SERVICE, stored_token


class _Backend(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self):
        super().__init__()
        self.kept, self.locked = {}, False

    def get_password(self, service, username):
        if self.locked:
            raise KeyringLocked
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password

    def delete_password(self, service, username):
        del self.kept[service, username]


@pytest.fixture
def backend(monkeypatch, tmp_path):
    former, backend = keyring.get_keyring(), _Backend()
    keyring.set_keyring(backend)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LOANPRO_TOKEN", raising=False)
    yield backend
    keyring.set_keyring(former)


def test_the_token_of_a_tenant_is_found(backend):
    """Kept under the tenant id; the environment wins."""
    backend.set_password(SERVICE, "5200", "from-keyring")

    assert "from-keyring" == read_settings({"tenant": "5200"}).token_text()
    assert "given" == read_settings({"tenant": "5200", "token": "given"}).token_text()
    with pytest.raises(SettingsError, match="there is no API token"):
        read_settings({"tenant": "5201"}).token_text()


def test_a_locked_keyring_is_told(backend):
    """It is not taken for an empty one."""
    backend.locked = True

    with pytest.raises(SettingsError, match="keyring cannot be read"):
        stored_token("5200")


def test_without_the_library_there_is_no_token(monkeypatch):
    """The extra is optional."""
    monkeypatch.setitem(sys.modules, "keyring", None)

    assert stored_token("5200") == ""
