"""
Workbooks that open with a password only: decrypted through msoffcrypto-tool, never onto a disk under a name.

Protection of sheets and of the workbook's structure is another thing: it encrypts nothing that is read here.
"""

import tempfile
from pathlib import Path
from typing import IO, Final, TypeAlias

from loader.errors import SourceError
from loader.source.file_state import unreadable
from loader.source.reading import Password

Content: TypeAlias = Path | IO[bytes]
"""What libraries read of a workbook: the file itself, or what was decrypted from it."""

_IN_MEMORY_BYTES: Final = 64 << 20
"""Larger workbooks lie decrypted in a file without a name, which the system frees with the process, however that ends."""
_PASSWORD_OF_EXCEL: Final = "VelvetSweatshop"  # noqa: S105  no secret
"""With it Excel encrypts workbooks that nobody gave a password, and opens them without asking (MS-XLS 2.2.10)."""

_ENCRYPTED_PACKAGE: Final = "EncryptedPackage".encode("utf-16-le")
"""Name of the stream in which Office puts a workbook with a password (MS-OFFCRYPTO 2.3.1)."""


def says_encrypted(path: Path) -> bool:
    """Whether a file that cannot be read as a workbook says of itself that it is encrypted."""
    tail = b""
    try:
        with path.open("rb") as file:
            while read := file.read(1 << 20):
                if _ENCRYPTED_PACKAGE in tail + read:
                    return True
                tail = read[-len(_ENCRYPTED_PACKAGE) :]
    except OSError as error:
        raise unreadable(path, error) from error
    return False


def decrypted(path: Path, password: Password | None) -> IO[bytes]:
    """
    The workbook within an encrypted one, at its beginning; close it when it was read.

    Args:
        path: A workbook of Excel with a password.
        password: Asks for it; None where nobody can be asked.

    Raises:
        SourceError: There is nobody to ask, the password is wrong, or the encryption is not known.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise unreadable(path, error) from error
    with file:
        if (plain := _opened(path, file, _PASSWORD_OF_EXCEL)) is not None:
            return plain
        if password is None:
            raise SourceError(
                f"{path.name} is protected by a password",
                hint="name a file that holds the password with `--password-file`, or run the command at a terminal to be asked",
            )
        if (plain := _opened(path, file, password())) is not None:
            return plain
    raise SourceError(
        f"the password does not open {path.name}",
        hint="passwords distinguish capital and small letters; try it again",
    )


def _opened(path: Path, file: IO[bytes], password: str) -> IO[bytes] | None:
    """The decrypted workbook, None where the password is not the right one."""
    import msoffcrypto  # noqa: PLC0415  (a tenth of a second that other files must not pay)
    from msoffcrypto.exceptions import InvalidKeyError  # noqa: PLC0415
    from msoffcrypto.format.ooxml import OOXMLFile  # noqa: PLC0415

    plain = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115  the caller closes it
    try:
        office = msoffcrypto.OfficeFile(file)
        # Only for the XML formats does the library leave it to the caller whether the password is verified.
        verified = {"verify_password": True} if isinstance(office, OOXMLFile) else {}
        office.load_key(password=password, **verified)
        office.decrypt(plain)
        plain.seek(0)
    except InvalidKeyError:
        plain.close()
        return None
    except Exception as error:
        # A damaged or unknown container fails in as many ways as the library has lines.
        plain.close()
        raise SourceError(
            f"{path.name} is protected by a password in a way that cannot be read: {error}",
            hint="open it in the spreadsheet program and save it without a password",
        ) from error
    return plain
