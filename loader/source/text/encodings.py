"""
Which encoding a text file is in: said by its byte order mark, by the user, or by its bytes.

UTF-8 is strict enough to be told from everything else, but only by all bytes of a file, since a name with an accent may stand
anywhere. What is not UTF-8 is taken for Windows-1252, of which Latin-1 is a part as far as people write, and that is told.
"""

import codecs
import hashlib
from dataclasses import dataclass, field
from typing import Final

from loader.errors import SourceError, UsageError
from loader.source.packed import Content

_BLOCK_BYTES: Final = 1 << 20
_HEAD_BYTES: Final = 4_096

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks (Unicode standard, 23.8) and what they say."""

_NAMES: Final = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "utf-32-le": "UTF-32 LE",
    "utf-32-be": "UTF-32 BE",
    "cp1252": "Windows-1252",
    "iso8859-1": "Latin-1",
    "iso8859-2": "Latin-2",
    "iso8859-9": "Latin-5",
    "iso8859-15": "Latin-9",
    "cp1250": "Windows-1250",
    "cp1251": "Windows-1251",
    "cp1253": "Windows-1253",
    "cp1254": "Windows-1254",
    "cp1255": "Windows-1255",
    "cp1256": "Windows-1256",
    "cp1257": "Windows-1257",
    "cp1258": "Windows-1258",
    "cp437": "IBM 437",
    "cp850": "IBM 850",
    "cp858": "IBM 858",
    "mac-roman": "Mac Roman",
    "koi8-r": "KOI8-R",
    "cp932": "Shift JIS (Windows-932)",
    "shift_jis": "Shift JIS",
    "euc_jp": "EUC-JP",
    "gb18030": "GB 18030",
    "big5": "Big5",
    "cp949": "Korean (Windows-949)",
    "euc_kr": "EUC-KR",
}
"""
The encodings that can be asked for, by Python's name, as people name them.

Each holds ASCII as it is (the UTFs aside), so that separators and line breaks are found; none changes its meaning midway.
"""

_UNDEFINED: Final = frozenset(b"\x81\x8d\x8f\x90\x9d")
"""Bytes to which Windows-1252 gives no letter; Latin-1 has control characters there, which no table holds."""
_ASCII: Final = bytes(range(0x80))
_MOSTLY: Final = 0.5


@dataclass(frozen=True, slots=True)
class Encoding:
    """
    How the bytes of a file become text.

    Attributes:
        codec: Python's name of it.
        mark_bytes: Length of the byte order mark at the beginning.
        guessed: True where neither a mark nor the user has said so, and other encodings are possible.
    """

    codec: str
    mark_bytes: int = 0
    guessed: bool = False

    @property
    def name(self) -> str:
        """As people name it, such as `UTF-8`."""
        return _NAMES[self.codec]


def known_encoding(name: str) -> str:
    """
    Python's name of an encoding from any of its names.

    Raises:
        UsageError: It is not one that tables are kept in.
    """
    try:
        found = codecs.lookup(name.strip()).name
    except (LookupError, ValueError):
        found = ""
    found = "utf-8" if found == "utf-8-sig" else found
    if found in {"utf-16", "utf-32"} or found in _NAMES:
        return found
    raise UsageError(
        f'--encoding "{name}" is no encoding that can be read',
        hint=f"what can be read: utf-8, utf-16, utf-32, {', '.join(n for n in _NAMES if not n.startswith('utf'))}",
    )


def survey(content: Content, wanted: str | None) -> tuple[str, Encoding]:
    """
    Read all of a file once: its digest and its encoding.

    Args:
        content: What is to be read as text.
        wanted: The encoding that the user names, by any of its names; None to find out.

    Returns:
        SHA-256 of the bytes of the file on disk, packed or not, in hexadecimal; and the encoding.

    Raises:
        UsageError: There is no such encoding.
        SourceError: The file cannot be read; the wanted encoding contradicts the byte order mark; the bytes are in
            no encoding that can be told.
    """
    digest = hashlib.sha256()
    said = known_encoding(wanted) if wanted is not None else None
    scan: _Scan | None = None
    found: Encoding | None = None
    with content.open() as stream:
        first = True
        while block := stream.read(_BLOCK_BYTES):
            if first:
                found = _from_beginning(block[:_HEAD_BYTES], said, content.name)
                scan = _Scan() if found is None else None
                first = False
            if not content.packing:
                digest.update(block)
            if scan is not None:
                scan.feed(block)
            elif content.packing:
                break
    if content.packing:
        with content.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
    if found is None:
        found = scan.verdict(content.name) if scan is not None else Encoding("utf-8")
    return digest.hexdigest(), found


def _from_beginning(head: bytes, said: str | None, name: str) -> Encoding | None:
    """The encoding as far as the user or the beginning of the file says it; None where all bytes must be looked at."""
    marked = next(((codec, len(mark)) for mark, codec in _MARKS if head.startswith(mark)), None)
    if marked is not None:
        codec, length = marked
        if said is None or codec == said or codec.startswith(f"{said}-"):
            return Encoding(codec, length)
        raise SourceError(
            f"{name} begins with the byte order mark of {_NAMES[codec]}, and cannot be in {_NAMES.get(said, said)}",
            hint="leave --encoding out",
        )
    if said in {"utf-16", "utf-32"}:
        raise SourceError(
            f"{name} has no byte order mark that says which {said.upper()} it is in",
            hint=f"name {said}-le or {said}-be with --encoding",
        )
    if said is not None:
        return Encoding(said)
    return _wide(head)


def _wide(head: bytes) -> Encoding | None:
    """UTF-16 without a mark, where it is unmistakable: at every second place of the beginning at least half are NUL, elsewhere none."""
    head = head[: len(head) // 2 * 2]
    even, odd = head[::2], head[1::2]
    for codec, letters, zeros in (("utf-16-le", even, odd), ("utf-16-be", odd, even)):
        if head and 0 not in letters and zeros.count(0) >= _MOSTLY * len(zeros):
            return Encoding(codec, guessed=True)
    return None


@dataclass(slots=True)
class _Scan:
    """What the bytes seen so far can be: UTF-8, a code page of one byte a letter, or a mixture of both."""

    offset: int = 0
    fault: int | None = None
    wide_letters: bool = False
    seen: set[int] = field(default_factory=set)
    undefined: int | None = None
    _decoder: codecs.IncrementalDecoder = field(default_factory=codecs.getincrementaldecoder("utf-8"))

    def feed(self, block: bytes) -> None:
        """Look at the next bytes of the file."""
        if self.fault is None:
            self._decode(block)
        if not block.isascii():
            high = block.translate(None, _ASCII)
            if self.fault is not None and not self.wide_letters:
                self.wide_letters = not block.decode("utf-8", "ignore").isascii()
            if self.undefined is None and not _UNDEFINED.isdisjoint(high):
                self.undefined = self.offset + next(i for i, byte in enumerate(block) if byte in _UNDEFINED)
        self.offset += len(block)

    def _decode(self, block: bytes) -> None:
        pending = len(self._decoder.getstate()[0])
        if block.isascii() and not pending:
            return
        try:
            self.wide_letters |= not self._decoder.decode(block).isascii()
        except UnicodeDecodeError as error:
            self.fault = self.offset - pending + error.start

    def verdict(self, name: str) -> Encoding:
        """
        The encoding, once all has been seen.

        A mixture is called UTF-8: reading it names the row where that does not hold.

        Raises:
            SourceError: It is none of those that can be told.
        """
        cut_off = bool(self._decoder.getstate()[0]) and self.fault is None
        if (self.fault is None and not cut_off) or self.wide_letters:
            return Encoding("utf-8")
        if self.undefined is not None:
            raise SourceError(
                f"{name} is neither in UTF-8 nor in Windows-1252 (offset {self.undefined:,} of the text has a byte that "
                "stands for no letter)",
                hint="save it as UTF-8, or name its encoding, as in `--encoding cp850`",
            )
        return Encoding("cp1252", guessed=True)
