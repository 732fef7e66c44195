"""A random table written in any dialect comes back equal."""

import gzip
import io
import re
import zipfile

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from loader.source.open import open_table
from loader.source.reading import Reading
from loader.source.text import text_file

LETTERS = st.sampled_from([*"abc07 \"',;|\t.-", "\n", "\r\n", "é", "ü", "“", "€"])
CELLS = st.lists(LETTERS, max_size=6).map("".join)
CODECS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16 LE",
    "utf-32": "UTF-32 LE",
    "cp1252": "Windows-1252",
}


@st.composite
def dialects(draw):
    """A table, the bytes of a file that holds it, the file's name, and what the user says."""
    width = draw(st.integers(2, 4))
    names = [f"Column é {n}" for n in range(width)]
    cells = draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=8))
    table = [row for row in cells if any(cell.strip() for cell in row)]
    separator = draw(st.sampled_from([",", ";", "\t", "|", "^"]))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    lines = [
        separator.join(_quoted(cell, separator, always=draw(st.booleans())) for cell in row)
        for row in [names, *table]
    ]
    text = (
        ("sep=;" + end if separator == ";" and draw(st.booleans()) else "")
        + end.join(lines)
        + draw(st.sampled_from(["", end]))
    )
    codec = draw(st.sampled_from([*CODECS]))
    # In Windows-1252 these three signs are the bytes of one in UTF-8: such a file is rightly refused as a mixture.
    assume(codec != "cp1252" or not re.search("é[“€]{2}", text))
    said = Reading(
        headers_wanted=frozenset(names) if draw(st.booleans()) else frozenset(),
        delimiter=separator if separator == "^" or draw(st.booleans()) else None,
        encoding=codec.removesuffix("-sig") if draw(st.booleans()) else None,
    )
    name, content = draw(st.sampled_from([*PACKED]))(text.encode(codec))
    return table, name, content, CODECS[codec], said


def _quoted(cell, separator, *, always):
    needed = always or any(character in cell for character in (separator, '"', "\r", "\n"))
    return '"' + cell.replace('"', '""') + '"' if needed else cell


def _zipped(content):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", content)
    return "a.zip", packed.getvalue()


PACKED = (lambda content: ("a.csv", content), lambda content: ("a.csv.gz", gzip.compress(content)), _zipped)


@given(dialects(), st.integers(1, 200))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_dialect_gives_the_same_table(tmp_path, dialect, block_bytes):
    """Separator, quotes, line end, encoding, mark and packing are no part of a table, wherever the file is cut."""
    table, name, content, encoding, said = dialect
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_file, "_BLOCK_BYTES", block_bytes)
        found = open_table(path, said)
        rows = [row for batch in found.batches(3) for row in zip(*batch.columns, strict=True)]

    assert [tuple(row) for row in table] == rows
    assert encoding == found.facts.encoding
