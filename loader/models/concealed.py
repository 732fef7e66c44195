"""
Natural keys that are personal data: how the journal keeps them, and what people see of them.

Such a key is a keyed hash, so that it identifies a person to the journal that holds the secret and to nobody else: there are only
10^9 social security numbers, and a hash without a key is undone by trying them all.
"""

import hmac
import re
from collections.abc import Sequence

from loader.masking import masked

_KEPT_CHARACTERS = 32  # 128 bits
_SEPARATOR = "\x1f"
_CONCEALED = re.compile(rf"(.*) \[hmac:[0-9a-f]{{{_KEPT_CHARACTERS}}}\]", re.DOTALL)


def concealed_key(secret: bytes, fields: Sequence[str], values: Sequence[str]) -> str:
    """
    The natural key of a row as the journal keeps it: the first value masked, and an HMAC-SHA-256 of all of them.

    Args:
        secret: The journal's own; not empty.
        fields: Names of the fields, in the order of the key.
        values: Their values in one fixed form, such as nine digits and `1980-01-31`.

    Raises:
        ValueError: There is no secret.
    """
    if not secret:
        raise ValueError("a key that is personal data needs the journal's secret")
    content = _SEPARATOR.join((*fields, *values)).encode()
    return f"{masked(values[0])} [hmac:{hmac.digest(secret, content, 'sha256').hex()[:_KEPT_CHARACTERS]}]"


def shown_key(key: str) -> str:
    """What people see of a natural key: of one that is personal data the masked value alone."""
    if not key.endswith("]"):
        return key
    concealed = _CONCEALED.fullmatch(key)
    return concealed[1] if concealed else key
