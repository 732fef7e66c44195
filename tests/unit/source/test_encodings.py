"""Encodings: said by a mark, by the user, or by all bytes of the file; whatever was guessed is told."""

import pytest

from loader.errors import SourceError, UsageError
from loader.source.reading import Reading
from loader.source.text.csv_file import open_csv
from loader.source.text.encodings import known_encoding

TEXT = "Loan,Name\r\n1,José\r\n2,Zoë € “Ltd”\r\n"
ROWS = [(2, ("1", "José")), (3, ("2", "Zoë € “Ltd”"))]
BEYOND = 3 << 20
"""So many bytes are read in several blocks."""


def notes_of(table):
    return [(note.rule, note.sample) for note in table.notes]


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16 LE"),
        ("utf-32", "UTF-32 LE"),
    ],
)
def test_what_needs_no_guess_is_not_told(csv_file, rows, codec, name):
    table = open_csv(csv_file(TEXT.encode(codec)))

    assert (ROWS, name, ()) == (rows(table), table.facts.encoding, table.notes)


def test_utf_16_of_the_other_order(csv_file, rows):
    table = open_csv(csv_file(b"\xfe\xff" + TEXT.encode("utf-16-be")))

    assert (ROWS, "UTF-16 BE") == (rows(table), table.facts.encoding)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_unmistakable_and_told(csv_file, rows, codec):
    table = open_csv(csv_file(TEXT.encode(codec)))

    assert (ROWS, codec.upper().replace("-L", " L").replace("-B", " B")) == (
        rows(table),
        table.facts.encoding,
    )
    assert [("csv.encoding-guessed", "José, Zoë, €, “Ltd”")] == notes_of(table)


def test_windows_1252_is_told_with_words_that_show_it(csv_file, rows):
    table = open_csv(csv_file(TEXT.encode("cp1252")))

    assert (ROWS, "Windows-1252") == (rows(table), table.facts.encoding)
    assert [("csv.encoding-guessed", "José, Zoë, €, “Ltd”")] == notes_of(table)
    assert "Windows-1252" in table.notes[0].message
    assert table.notes[0].message.isascii(), "the journal keeps it, and it holds nothing of the file"


def test_words_are_never_of_a_sensitive_column(csv_file):
    """By header or by letter; what looks like a number of a person is hidden wherever it stands."""
    text = "Name,Born in,Note\n1é,2é,3é 900-11-0001é\n4é,5é,6é\n"
    reading = Reading(sensitive=frozenset({"name", "B"}))

    assert [("csv.encoding-guessed", "3é, ***é, 6é")] == notes_of(
        open_csv(csv_file(text.encode("cp1252")), reading)
    )


@pytest.mark.parametrize("place", [0, BEYOND])
def test_one_byte_anywhere_decides(csv_file, rows, place):
    """A name with an accent may stand at the very end of a large file."""
    plain = b"N,T\n" + b"1,a\n" * (place // 4)
    table = open_csv(csv_file(plain + b"2,Ren\xe9\n"))

    assert ("2", "René") == rows(table)[-1][1]
    assert [("csv.encoding-guessed", "René")] == notes_of(table)


@pytest.mark.parametrize("first", [b"Ren\xe9", "René".encode()])
@pytest.mark.parametrize("between", [0, BEYOND])
def test_a_mixture_of_encodings_is_refused_with_the_place(csv_file, first, between):
    """Read as either, some names would be wrong, and nobody would see it."""
    second = b"Ren\xe9" if first.isascii() or b"\xc3" in first else "René".encode()
    content = b"N,T\n1," + first + b"\n" + b"1,a\n" * (between // 4) + b"2," + second + b"\n"
    bad = content.index(b"\xe9")

    with pytest.raises(
        SourceError, match=rf"row {content[:bad].count(10) + 1}: .*0xE9 at offset {bad:,}"
    ) as caught:
        list(open_csv(csv_file(content)).batches())
    assert "--encoding cp1252" in caught.value.hint


def test_utf_8_cut_within_a_letter_by_the_block(csv_file, rows):
    """Blocks are no borders of letters."""
    content = b"N,T\n1," + b"a" * ((1 << 20) - 7) + "é\n2,Zoë\n".encode()
    assert b"\xc3" == content[(1 << 20) - 1 : 1 << 20]

    table = open_csv(csv_file(content))

    assert ("UTF-8", ()) == (table.facts.encoding, table.notes)


def test_bytes_that_no_guess_explains_are_refused(csv_file):
    """0x81 is no letter of Windows-1252; in code page 850 it is ü."""
    path = csv_file(b"N,T\n1,M\x81ller\n")

    with pytest.raises(SourceError, match=r"neither in UTF-8 nor in Windows-1252 \(offset 7") as caught:
        open_csv(path)
    assert "--encoding" in caught.value.hint
    (batch,) = open_csv(path, Reading(encoding="cp850")).batches()
    assert ["Müller"] == batch.columns[1]


@pytest.mark.parametrize(
    "codec", ["latin-1", "iso8859-15", "cp1250", "mac-roman", "cp932", "gb18030", "utf-16-be"]
)
def test_the_users_word_wins(csv_file, rows, codec):
    text = "N,T\n1,ü日\n" if codec in {"cp932", "gb18030", "utf-16-be"} else "N,T\n1,ü\n"
    text = text.replace("ü", "") if codec == "cp932" else text
    table = open_csv(csv_file(text.encode(codec)), Reading(encoding=codec))

    assert [(2, tuple(text.split("\n")[1].split(",")))] == rows(table)
    assert () == table.notes


@pytest.mark.parametrize("before", [0, BEYOND])
def test_a_byte_that_is_not_in_the_encoding_names_row_and_offset(csv_file, before):
    rows = before // 9
    content = b"N,T\n" + b'1,"a\nb"\n' * rows + b"2,\x81\n3,b\n"
    place = rf"row {rows + 2} \(line {2 * rows + 2}\)" if rows else "row 2"

    with pytest.raises(
        SourceError,
        match=rf"{place}: the text is not Windows-1252 \(byte 0x81 at offset {content.index(0x81):,}",
    ):
        list(open_csv(csv_file(content), Reading(encoding="windows-1252")).batches())


def test_a_byte_of_the_header_row_that_is_not_in_the_encoding(csv_file):
    with pytest.raises(SourceError, match=r"row 1: the text is not Windows-1252 \(byte 0x81 at offset 2"):
        open_csv(csv_file(b"A,\x81\n1,2\n"), Reading(encoding="cp1252"))


def test_a_mark_and_the_user_who_contradict_each_other(csv_file):
    with pytest.raises(
        SourceError, match="byte order mark of UTF-8, and cannot be in Windows-1252"
    ) as caught:
        open_csv(csv_file("\ufeffA,B\n"), Reading(encoding="cp1252"))
    assert "leave --encoding out" in caught.value.hint


def test_utf_16_without_a_mark_does_not_say_which(csv_file):
    with pytest.raises(SourceError, match="no byte order mark") as caught:
        open_csv(csv_file("A,B\n1,2\n".encode("utf-16-le")), Reading(encoding="utf-16"))
    assert "utf-16-le" in caught.value.hint


@pytest.mark.parametrize(
    "name", ["hex", "rot13", "utf-7", "punycode", "nonsense", "", "\0", "idna", "unicode_escape"]
)
def test_only_encodings_of_tables_are_known(name):
    with pytest.raises(UsageError, match="no encoding that can be read"):
        known_encoding(name)


def test_nul_in_a_transcoded_text_names_the_row(csv_file):
    content = "A,B\n1,2\n3\0,4\n".encode("utf-16")

    with pytest.raises(SourceError, match=r"row 3: there is a NUL byte$"):
        list(open_csv(csv_file(content)).batches())
