"""Text in any encoding as a stream of UTF-8, a block at a time: what reads tables knows UTF-8 alone."""

import codecs
from collections import deque
from typing import Final

from loader.source.packed import Stream
from loader.source.text.encodings import Encoding

_BLOCK_BYTES: Final = 1 << 20


class Undecodable(Exception):  # noqa: N818  (a finding for the reader, which knows the row)
    """
    A byte that stands for nothing in the encoding; all text before it has been given.

    Attributes:
        offset: Of the byte, from the beginning of the file.
        byte: The byte.
    """

    def __init__(self, offset: int, byte: int) -> None:
        super().__init__(f"byte 0x{byte:02X} at offset {offset:,}")
        self.offset = offset
        self.byte = byte


def as_utf_8(stream: Stream, encoding: Encoding) -> Stream:
    """
    The text as UTF-8, without its byte order mark.

    What is in UTF-8 is passed on without a look at it. Reading anything else raises `Undecodable` where it is not in the encoding.

    Args:
        stream: The bytes, from the beginning of the file.
        encoding: What they are in.
    """
    if encoding.mark_bytes:
        stream.read(encoding.mark_bytes)
    return stream if encoding.codec == "utf-8" else _Transcoded(stream, encoding)


class _Transcoded:
    """A stream of UTF-8 over one in another encoding."""

    def __init__(self, stream: Stream, encoding: Encoding) -> None:
        self._stream = stream
        self._codec = encoding.codec
        self._decoder = codecs.getincrementaldecoder(encoding.codec)("strict")
        self._offset = encoding.mark_bytes
        self._ready: deque[bytes] = deque()
        self._ready_bytes = 0
        self._fault: Undecodable | None = None
        self._at_end = False

    def read(self, size: int, /) -> bytes:
        """The next bytes of the text in UTF-8; fewer only at the end, or before a byte that cannot be read."""
        while self._ready_bytes < size and not self._at_end and self._fault is None:
            self._decode(self._stream.read(_BLOCK_BYTES))
        if self._fault is not None and not self._ready_bytes:
            raise self._fault
        content = b"".join(self._ready)
        self._ready.clear()
        if rest := content[size:]:
            self._ready.append(rest)
        self._ready_bytes = len(rest)
        return content[:size]

    def _decode(self, block: bytes) -> None:
        self._at_end = not block
        try:
            text = self._decoder.decode(block, final=self._at_end)
        except UnicodeDecodeError as error:
            known = error.object
            text = known[: error.start].decode(self._codec)
            begin = self._offset - (len(known) - len(block))
            self._fault = Undecodable(begin + error.start, known[error.start])
        self._offset += len(block)
        if text:
            self._ready.append(content := text.encode("utf-8"))
            self._ready_bytes += len(content)

    def close(self) -> None:
        """Give the file back."""
        self._stream.close()
