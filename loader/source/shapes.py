"""What texts are made of, whatever their letters and digits are."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

ZERO: Final = b"\x01"
"""Stands in a shape for a zero that begins the text."""


_ASCII: Final = 128
SHAPE_OF: Final = bytes(
    ord("9") if byte < _ASCII and chr(byte).isdigit() else
    ord("e") if chr(byte) in "eE" else
    ord("a") if byte >= _ASCII or chr(byte).isalpha() else
    ord(" ") if byte == 0 else byte
    for byte in range(256)
)  # fmt: skip
"""For each byte of a text the one that stands for it in a shape."""
_CURRENCIES: Final = ((b"USD", b"$"), (b"EUR", b"$"), ("€".encode(), b"$"), ("£".encode(), b"$"))
_SPACES: Final = tuple(sign.encode() for sign in "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}")
OF_SEVERAL_BYTES: Final = (*dict(_CURRENCIES), *_SPACES)
"""What stands in a shape for one byte where it is several in the text."""


@dataclass(frozen=True, slots=True)
class Shapes:
    """
    What the texts of a column are made of: each digit is 9, an e is e, any other letter a, and a zero that begins a text `ZERO`.

    Currencies are `$`, and no-break spaces spaces.

    Attributes:
        shapes: The different ones.
        codes: For each cell the position of its shape.
        exact: How many of the shapes, from the first on, have a sign for each byte of their texts. One behind them may be the same as one
            of these.
    """

    shapes: list[bytes]
    codes: NDArray[np.int32]
    exact: int


def written_out(text: str) -> bytes:
    """The shape of a text of which several bytes become one."""
    content = text.encode("utf-8", "replace")
    for space in _SPACES:
        content = content.replace(space, b" ")
    for written, sign in _CURRENCIES:
        content = content.replace(written, sign)
    if content.startswith(b"0"):
        content = ZERO + content[1:]
    return content.translate(SHAPE_OF)
