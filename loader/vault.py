"""The token in the system keyring; the only user of the optional library `keyring`."""

from loader.errors import SettingsError

SERVICE = "loan-batch-loader"


def stored_token(tenant: str) -> str:
    """
    The token that the user keeps in the system keyring under the tenant id, "" where there is none.

    It is put there by `keyring set loan-batch-loader TENANT`. Without the library (the extra `keyring`) there is none.

    Raises:
        SettingsError: The keyring is there and refuses, for example because it is locked.
    """
    try:
        import keyring  # noqa: PLC0415  optional
        from keyring.errors import KeyringError, NoKeyringError  # noqa: PLC0415
    except ImportError:
        return ""
    try:
        return keyring.get_password(SERVICE, tenant) or ""
    except NoKeyringError:
        return ""
    except KeyringError as error:
        raise SettingsError(
            f"the system keyring cannot be read: {type(error).__name__}",
            hint="unlock it, or set LOANPRO_TOKEN, or name a file with --token-file",
        ) from error
