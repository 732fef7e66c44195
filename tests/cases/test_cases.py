"""
Each folder here is a file as people have them, the template that it is read with, and what must become of it.

`expected.json` has either `error` (exit code, and what message and hint must say) or, by row number, `payloads` (compared as the bytes
that would be sent), `issues` (letter and rule) and `skipped`, and always all `notes` (rule, letter, count): what is not told there
must not be told. A new case is a new folder.
"""

from datetime import date
from decimal import Decimal

import click
import msgspec
import pytest
from cases import make_cases

from loader.cli.reading_options import reading_of, source_options
from loader.errors import LoaderError
from loader.intake.file import Intake
from loader.models.encoding import encode
from loader.models.issue import Severity
from loader.models.note import tallied

TODAY = date(2026, 11, 22)
_DECODER = msgspec.json.Decoder(float_hook=Decimal)


@click.command()
@source_options
def _said(file, template, **options):
    """What a user's options say."""
    return reading_of(options)


def opened(folder, file, template):
    """The file laid under the template, as the commands do it."""
    recipe = make_cases.recipe_of(folder)
    options = [str(option) for option in recipe.get("options", ())]
    if "answer" in recipe:
        password = file.parent / "password.txt"
        password.write_text(recipe["answer"], encoding="utf-8")
        options += ["--password-file", str(password)]
    reading = _said.main([str(file), "-t", str(template), *options], standalone_mode=False)
    return Intake.open(file, str(template), reading, today=TODAY)


def outcome_of(intake):
    """What became of each row, in the form of `expected.json`."""
    found = {
        "payloads": {},
        "issues": {},
        "skipped": [],
        "notes": [*intake.table.notes, *intake.mapper.notes],
    }
    for batch in intake.checked_batches(b""):
        found["notes"] += batch.notes
        for row in batch.rows():
            number = row.ref.row
            if row.excluded is not None:
                found["skipped"].append(number)
            elif row.valid:
                found["payloads"][number] = [encode(step.payload) for step in row.steps]
            if row.issues:
                found["issues"][number] = [_told(issue) for issue in row.issues]
    found["notes"] = sorted(f"{n.rule} {n.letter} {n.count}" for n in tallied(found["notes"]))
    return found


def _told(issue):
    return f"{issue.letter} {issue.rule}" + (" (warning)" if issue.severity is Severity.WARNING else "")


@pytest.mark.parametrize("folder", [pytest.param(f, id=name) for name, f in make_cases.recipes().items()])
def test_case(folder, tmp_path):
    expected = _DECODER.decode((folder / "expected.json").read_bytes())
    file = make_cases.file_of(folder, tmp_path)
    if "error" not in expected:
        wanted = {
            "payloads": {
                int(row): [encode(payload) for payload in payloads]
                for row, payloads in expected.get("payloads", {}).items()
            },
            "issues": {int(row): issues for row, issues in expected.get("issues", {}).items()},
            "skipped": expected.get("skipped", []),
            "notes": sorted(expected.get("notes", [])),
        }
        assert wanted == outcome_of(opened(folder, file, folder / "template.yaml"))
        return
    with pytest.raises(LoaderError) as caught:
        outcome_of(opened(folder, file, folder / "template.yaml"))
    error, told = expected["error"], f"{caught.value.message}\n{caught.value.hint}"
    assert error["exit_code"] == caught.value.exit_code
    assert [] == [words for words in error["says"] if words not in told], told
