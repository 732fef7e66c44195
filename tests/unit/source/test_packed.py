"""Text files in `.gz` and `.zip`: read as they are, within bounds, or refused with the reason."""

import gzip
import hashlib
import io
import zipfile

import pytest

from loader.errors import SourceError
from loader.source import packed
from loader.source.open import open_table
from loader.source.reading import Reading

TEXT = b"Loan;Name\n1;a\n2;b\n"
ROWS = [(2, ("1", "a")), (3, ("2", "b"))]


@pytest.fixture
def archive(tmp_path):
    """A ZIP archive with these members."""

    def write(members, name="loans.zip"):
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as file:
            for member, content in members.items():
                file.writestr(member, content)
        return tmp_path / name

    return write


@pytest.mark.parametrize("name", ["loans.csv.gz", "loans.gz", "loans.csv"])
def test_gzip_is_known_by_its_content(csv_file, rows, name):
    """The digest is that of the file on disk, which is what a person can check."""
    content = gzip.compress(TEXT)
    table = open_table(csv_file(content, name))

    assert ROWS == rows(table) == rows(table), "and it can be read again"
    assert ("", hashlib.sha256(content).hexdigest()) == (table.sheet, table.digest)
    assert "gzip" in table.facts.format


def test_gzip_of_several_parts(csv_file, rows):
    """As `cat a.gz b.gz` and parallel packers make them."""
    assert ROWS == rows(open_table(csv_file(gzip.compress(TEXT[:13]) + gzip.compress(TEXT[13:]), "a.csv.gz")))


def test_the_ending_within_the_ending_says_tab(csv_file, rows):
    table = open_table(csv_file(gzip.compress(b"Loan\tRate, yearly\n1\t2\n"), "loans.tsv.gz"))

    assert [(2, ("1", "2"))] == rows(table)


def test_zip_of_one_text_file(archive, rows):
    """What operating systems add is passed over; the member is the sheet, so that no two members share their rows."""
    table = open_table(
        archive({"out/": "", "out/loans.csv": TEXT, "__MACOSX/._loans.csv": "x", ".DS_Store": "y"})
    )

    assert ROWS == rows(table)
    assert "out/loans.csv" == table.sheet


def test_zip_of_several_is_asked_about(archive, rows):
    path = archive({"a.csv": TEXT, "b.txt": b"X;Y\n5;6\n", "read.me": "hello"})

    with pytest.raises(SourceError, match=r"loans.zip holds 2 text files: a.csv, b.txt") as caught:
        open_table(path)
    assert "--member a.csv" in caught.value.hint
    assert [(2, ("5", "6"))] == rows(open_table(path, Reading(member="b.txt")))
    assert "b.txt" == open_table(path, Reading(member="B.TXT")).sheet


@pytest.mark.parametrize(
    ("members", "wanted", "message", "hint"),
    [
        ({"a.csv": TEXT}, "b.csv", 'has no member "b.csv"', "it holds a.csv"),
        ({"x/a.csv": TEXT, "y/a.csv": TEXT}, "a.csv", 'several members named "a.csv"', "x/a.csv, y/a.csv"),
        ({"report.pdf": b"%PDF"}, None, "holds no text file", "it holds report.pdf"),
        ({"a.csv": b""}, None, r"loans.zip \(a.csv\) is empty", "completely"),
        ({"a.csv": gzip.compress(TEXT)}, None, "is itself packed", "unpack it"),
        ({"a.csv": b"PK\x03\x04..."}, None, "is itself packed", "unpack it"),
        ({"loans.xlsx": b"PK\x03\x04..."}, None, "holds no text file", "a workbook is unpacked first"),
        ({"loans.xlsx": b"PK\x03\x04..."}, "loans.xlsx", "is itself packed, or is a workbook", "unpack it"),
        ({"a.csv": b"<html><table>"}, None, "is a web page or XML", "save it as"),
    ],
)
def test_what_an_archive_holds_and_cannot_be_read(archive, members, wanted, message, hint):
    with pytest.raises(SourceError, match=message) as caught:
        open_table(archive(members), Reading(member=wanted))
    assert hint in caught.value.hint


def test_encrypted_member(archive):
    """The flag of the format (APPNOTE 4.4.4, bit 0) is laid by hand: the standard library writes none."""
    path = archive({"a.csv": TEXT})
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)

    with pytest.raises(SourceError, match=r"loans.zip \(a.csv\) is encrypted"):
        open_table(path)


@pytest.mark.parametrize("keep", [0.3, 0.7, 0.95])
@pytest.mark.parametrize("pack", ["gzip", "zip"])
def test_half_a_file_is_damaged(archive, csv_file, keep, pack):
    """Half of the rows are never taken for all of them."""
    text = b"N,T\n" + b"".join(b"%d,%d\n" % (n, n * n) for n in range(100_000))
    content = gzip.compress(text) if pack == "gzip" else archive({"a.csv": text}).read_bytes()
    path = csv_file(content[: int(len(content) * keep)], f"cut.{'csv.gz' if pack == 'gzip' else 'zip'}")

    with pytest.raises(SourceError, match="is damaged"):
        open_table(path)


@pytest.mark.parametrize("pack", ["gzip", "zip"])
def test_a_byte_changed_within(archive, csv_file, pack):
    """The sums of both formats are looked at before any row is given."""
    text = b"N,T\n" + b"".join(b"%d,%d\n" % (n, n * n) for n in range(50_000))
    content = bytearray(gzip.compress(text) if pack == "gzip" else archive({"a.csv": text}).read_bytes())
    content[len(content) // 2] ^= 0x10
    path = csv_file(bytes(content), f"bad.{'csv.gz' if pack == 'gzip' else 'zip'}")

    with pytest.raises(SourceError, match=r"damaged|not UTF-8|neither in"):
        list(open_table(path).batches())


@pytest.mark.parametrize("pack", ["gzip", "zip"])
def test_any_byte_changed_gives_the_rows_or_a_message(archive, csv_file, rows, pack):
    """Every place of a small file: offsets, lengths, names and sums among them. Never other rows, never a traceback."""
    content = gzip.compress(TEXT) if pack == "gzip" else archive({"a.csv": TEXT}).read_bytes()
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 0xF0
        path = csv_file(bytes(changed), f"bad.{'csv.gz' if pack == 'gzip' else 'zip'}")
        try:
            found = rows(open_table(path))
        except SourceError:
            continue
        assert ROWS == found, place


@pytest.mark.parametrize("pack", ["gzip", "zip"])
def test_bombs_are_refused_early(archive, csv_file, monkeypatch, pack):
    """Far more than any table unpacks to, measured while it is unpacked and not believed from a header."""
    monkeypatch.setattr(packed, "_UNBOUNDED_BYTES", 1 << 20)
    bomb = b"a,b\n" + b"1,1\n" * (2 << 20)
    path = archive({"a.csv": bomb}) if pack == "zip" else csv_file(gzip.compress(bomb), "bomb.csv.gz")

    with pytest.raises(SourceError, match="unpacks to more than 250 times its size") as caught:
        open_table(path)
    assert "unpack it" in caught.value.hint


def test_a_real_table_is_no_bomb(csv_file):
    text = b"Loan,State,Amount\n" + b"L0001,CA,1000.00\n" * 200_000

    assert (
        sum(len(batch.rows) for batch in open_table(csv_file(gzip.compress(text), "a.csv.gz")).batches())
        == 200_000
    )


def test_member_of_what_is_no_archive(csv_file, workbook):
    with pytest.raises(SourceError, match=r'no ZIP archive and has no member "a.csv"'):
        open_table(csv_file(TEXT), Reading(member="a.csv"))
    with pytest.raises(SourceError, match="is a workbook, of which --member says nothing"):
        open_table(workbook(Loans=[["A"]]), Reading(member="a.csv"))
    with pytest.raises(SourceError, match="is a workbook, of which --encoding says nothing"):
        open_table(workbook(Loans=[["A"]]), Reading(encoding="cp1252"))


def test_method_that_is_not_known(archive):
    """Deflate64, as Windows packs files over 2 GB (APPNOTE 4.4.5, method 9)."""
    path = archive({"a.csv": TEXT})
    content = bytearray(path.read_bytes())
    content[8] = 9
    content[content.index(b"PK\x01\x02") + 10] = 9
    path.write_bytes(content)

    with pytest.raises(SourceError, match="cannot be unpacked"):
        open_table(path)


def test_a_workbook_in_a_zip_of_text_stays_what_it_is(workbook, tmp_path, rows):
    """An archive that is itself a workbook is read as one, whatever it is called."""
    book = workbook(Loans=[["A"], [1]]).rename(tmp_path / "loans.zip")

    assert [(2, ("1",))] == rows(open_table(book))
    assert zipfile.is_zipfile(io.BytesIO(book.read_bytes()))
