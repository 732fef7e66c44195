"""Which cell styles of an .xlsx workbook show percentages."""

import re
import zipfile

from loader.source.number_format import BUILT_IN
from loader.source.workbook.formats.xlsx_parts import WORKBOOK_RELATIONSHIPS, attributes, part_of_styles
from loader.source.workbook.percents import Percents

_CODES = re.compile(rb"<(?:\w+:)?numFmts[\s>].*?</(?:\w+:)?numFmts>", re.DOTALL)
_CODE = re.compile(r"""<(?:\w+:)?numFmt\s(?:[^>"']|"[^"]*"|'[^']*')*>""")  # a code may hold a bare `>`
_STYLES = re.compile(rb"<(?:\w+:)?cellXfs[\s>].*?</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(r"<(?:\w+:)?xf(?:\s[^>]*)?/?>")


def percent_styles(archive: zipfile.ZipFile, percents: Percents) -> dict[bytes, int]:
    """
    The cell styles that show percentages (ECMA-376 part 1, 18.8.10: a cell names its style by position).

    Args:
        archive: The workbook.
        percents: Knows the formats.

    Returns:
        Number of the style, as cells name it, to its mark; empty where there is none.
    """
    part = part_of_styles(archive, WORKBOOK_RELATIONSHIPS)
    content = archive.read(part) if part else b""
    found, styles = _CODES.search(content), _STYLES.search(content)
    if styles is None:
        return {}
    codes = {str(number): code for number, code in BUILT_IN.items()}
    for declared in attributes(_CODE, found[0]) if found else ():
        codes[declared.get("numFmtId", "")] = declared.get("formatCode", "")
    of_style = [
        percents.mark_of(codes.get(style.get("numFmtId", ""), "")) for style in attributes(_STYLE, styles[0])
    ]
    return {str(number).encode(): mark for number, mark in enumerate(of_style) if mark}
