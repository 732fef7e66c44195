"""Texts of OpenDocument cells, with what calamine leaves out of them."""

import zipfile
from pathlib import Path

import pytest

from loader.source.open import open_table
from loader.source.reading import Reading

FILES = Path(__file__).parent / "files"
NAME = "<text:p>Name</text:p>"


@pytest.fixture
def header(tmp_path):
    """The last header of a kept file, whose cell now holds other elements."""

    def read(change):
        path = tmp_path / "kinds.ods"
        with zipfile.ZipFile(FILES / "kinds.ods") as kept, zipfile.ZipFile(path, "w") as target:
            for name in kept.namelist():
                content = kept.read(name)
                if name == "content.xml":
                    assert content.count(NAME.encode()) == 1
                    content = content.replace(NAME.encode(), change.encode())
                target.writestr(name, content)
        (batch,) = open_table(path, Reading(header_row=2, letters_used=frozenset("F"))).batches()
        return batch.columns[5][0]

    return read


@pytest.mark.parametrize(
    ("elements", "text"),
    [
        ("<text:p>An<text:tab/>n</text:p>", "An\tn"),
        ("<text:p>An<text:line-break/>n</text:p><text:p>Lee</text:p>", "An\nn\nLee"),
        ('<text:p>A<text:span>n<text:s text:c="2"/></text:span>n<text:tab/>x</text:p>', "An  n\tx"),
        (
            "<office:annotation><text:p>a<text:tab/>note</text:p></office:annotation><text:p>Ann</text:p>",
            "Ann",
        ),
        (
            "<office:annotation><text:p>note</text:p></office:annotation><text:p>A<text:tab/>n</text:p>",
            "A\tn",
        ),
        ("<text:p>Ann</text:p><text:p>Lee</text:p>", "Ann\nLee"),
    ],
)
def test_tabs_line_breaks_and_notes(header, elements, text):
    """Tabs and line breaks stay; what is written in a note is no part of the cell."""
    assert text == header(elements)
