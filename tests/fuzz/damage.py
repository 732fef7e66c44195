"""Valid files of every format, and what can happen to their bytes, members and XML."""

import io
import re
import zipfile

from cases import make_cases
from hypothesis import strategies as st

ARCHIVES = ("xlsx", "xlsb", "ods", "zip")
INTERESTING = [
    "", "-1", "0", "1", "65536", "1048577", "99999999999999999999", "1e308", "-1e309", "NaN", "A1", "A0", "XFD1048576", "ZZZZ9",
    "A1:B2", "B2:A1", "A1:XFD1048576", "s", "str", "b", "e", "d", "inlineStr", "percentage", "date", "true", "&#0;", "x" * 40_000,
    "\ud7ff\ufffd", "2017-13-45", "rId1", "../../x", "http://example.invalid/", "\n", "%", '"', "&amp;lt;",
]  # fmt: skip
"""What an attribute or a text of XML may hold and its readers may not expect."""
_VALUE = re.compile(rb'(?<==")[^"<>]*(?=")|(?<=>)[^<>]+(?=<)')
_TAG = re.compile(rb"</?[\w:]+[^<>]*>")


def seeds(suffix):
    """Files of the cases whose names end so, smallest first, with the sheet that the case names."""
    found = []
    for folder in make_cases.recipes().values():
        recipe = make_cases.recipe_of(folder)
        if not recipe["file"].endswith(f".{suffix}") or {"password", "keep"} & set(recipe):
            continue
        kept = folder / recipe["file"]
        options = recipe.get("options", [])
        sheet = options[options.index("--sheet") + 1] if "--sheet" in options else None
        found.append((kept.read_bytes() if kept.exists() else make_cases.content_of(recipe), sheet))
    return sorted(found, key=lambda seed: len(seed[0]))


def is_archive(content):
    """Whether a file is a ZIP archive, whatever its name ends in."""
    return zipfile.is_zipfile(io.BytesIO(content))


@st.composite
def damaged_bytes(draw, content):
    """Bytes after some of them were changed, cut out, cut off, put in or said twice."""
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(len(content) - 1, 0)))
        size = draw(st.integers(1, 64))
        match draw(st.sampled_from(["flip", "byte", "cut", "end", "insert", "twice"])):
            case "flip":
                content = (
                    content[:at]
                    + bytes(b ^ (1 << size % 8) for b in content[at : at + 1])
                    + content[at + 1 :]
                )
            case "byte":
                content = content[:at] + draw(st.binary(min_size=1, max_size=4)) + content[at + 1 :]
            case "cut":
                content = content[:at] + content[at + size :]
            case "end":
                content = content[:at] if draw(st.booleans()) else content[: len(content) - size]
            case "insert":
                content = content[:at] + draw(st.binary(min_size=1, max_size=64)) + content[at:]
            case "twice":
                content = content[:at] + content[at : at + size] + content[at:]
    return content


@st.composite
def damaged_archive(draw, content):
    """An archive, whole in itself, one or several of whose members were damaged, lost, renamed or edited as XML."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(sorted(members)))
        match draw(st.sampled_from(["value", "value", "value", "tag", "bytes", "lost", "renamed", "empty"])):
            case "value":
                members[name] = _replaced(draw, members[name], _VALUE, st.sampled_from(INTERESTING))
            case "tag":
                others = st.sampled_from(
                    [found[0].decode(errors="replace") for found in _TAG.finditer(members[name])] or [""]
                )
                members[name] = _replaced(draw, members[name], _TAG, others | st.just(""))
            case "bytes":
                members[name] = draw(damaged_bytes(members[name]))
            case "lost":
                if len(members) > 1:
                    del members[name]
            case "renamed":
                members[draw(st.sampled_from([name.lower(), name.upper(), name + "x", "x/" + name]))] = (
                    members.pop(name)
                )
            case "empty":
                members[name] = b""
    written = io.BytesIO()
    method = draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
    with zipfile.ZipFile(written, "w", method) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return written.getvalue()


def _replaced(draw, content, pattern, values):
    places = [found.span() for found in pattern.finditer(content)]
    if not places:
        return content
    begin, end = draw(st.sampled_from(places))
    return content[:begin] + draw(values).encode() + content[end:]
