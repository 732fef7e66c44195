"""A payload as the bytes of a request: JSON with exact numbers."""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from hashlib import blake2b
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_SUSPECT = re.compile(rb"E[+-]|NaN|Infinity").search
_DIGEST_BYTES = 16


def encode(payload: dict[str, Any] | Sequence[Any]) -> bytes:
    """
    A payload as UTF-8 JSON.

    A Decimal becomes a JSON number with all its digits and without an exponent (`12.0212`, never through binary floating
    point), a date becomes `YYYY-MM-DD` (LoanPro reference 1.8), None becomes null.

    Raises:
        ValueError: A number is not finite.
    """
    encoded = _ENCODER.encode(payload)
    # Exponents and non-numbers are rare: they are looked for in the bytes, and only then value by value.
    if _SUSPECT(encoded):
        return _ENCODER.encode(_plain(payload))
    return encoded


def payload_digest(encoded: bytes) -> bytes:
    """What identifies an encoded payload in the journal: BLAKE2b of 16 bytes."""
    return blake2b(encoded, digest_size=_DIGEST_BYTES).digest()


def encode_all(rows: Iterable[Sequence[Any]], *, are_written_out: bool) -> Iterator[bytes]:
    """
    Many lists of values, each as `encode` has it.

    Args:
        rows: The lists.
        are_written_out: Whether every number is known to be finite and written without an exponent.

    Raises:
        ValueError: A number is not finite.
    """
    return map(_ENCODER.encode if are_written_out else encode, rows)


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case Decimal() if value.is_finite():
            return msgspec.Raw(format(value, "f").encode())
        case Decimal() | float():
            raise ValueError(f"{value!r} cannot be sent")
        case _:
            return value
