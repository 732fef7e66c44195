"""Borrowers without a number of the lender's own: killed and resumed, everybody is there once and nowhere in what is left behind."""

import json
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from cli.commands import contents
from fakes.personal import personal_template

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")

ROWS = 6
HEADER = (
    "Loan No,First Name,Last Name,DOB,SSN,Email,Cell Phone,Street,City,State,ZIP,Employer,Monthly Income,Product,Principal,Rate,Term,"
    "Freq,Contract Date,First Due,Status"
)


def number(n):
    return f"98765432{n}"


def born(n):
    return f"08/1{n}/1947"


@pytest.fixture
def people(tmp_path):
    """A file of persons whom no other test knows, with its template."""
    lines = [
        f"PER-{n},Ada{n},Byron,{born(n)},{number(n)},ada{n}@person.example.com,(301) 555-770{n},{n} Person Way,Boise,ID,83702,,,"
        f"Personal,{1000 + n}.50,7.5%,36,M,01/05/2024,02/05/2024,Active"
        for n in range(1, ROWS + 1)
    ]
    path, template = tmp_path / "people.csv", tmp_path / "personal.yaml"
    path.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    template.write_text(personal_template(), encoding="utf-8")
    return path, template


def canaries():
    """Numbers and birth dates as the file writes them and as they are sent."""
    for n in range(1, ROWS + 1):
        yield from (number(n), f"{number(n)[:3]}-{number(n)[3:5]}-{number(n)[5:]}", born(n), f"1947-08-1{n}")


def leaks(data):
    """The canaries in it."""
    return [canary for canary in canaries() if canary.encode() in data]


def left_behind():
    """The files of the run directory that hold a canary."""
    files = [path for path in Path("loader-runs").rglob("*") if path.is_file()]
    assert {"journal.sqlite", "journal.secret"} <= {path.name for path in files}
    return [path for path in files if leaks(contents(path))]


def in_tenant(tenant):
    """LoanPro's ids of the customers by their names."""
    headers = {"Authorization": f"Bearer {tenant.token}", "Autopal-Instance-Id": tenant.tenant}
    found = {}
    for n in range(1, ROWS + 1):
        url = f"{tenant.base_url}odata.svc/Customers?$filter=email%20eq%20'ada{n}@person.example.com'"
        with urlopen(Request(url, headers=headers), timeout=10) as answer:
            found[f"Ada{n}"] = [entity["id"] for entity in json.load(answer)["d"]["results"]]
    return found


def test_killed_twice_and_resumed(die, loader, tenant, people):
    """Under way, and with an answer that nobody wrote down: looked up by birth date from the file, then the rest is sent."""
    path, template = people
    told = [die("after-sending:2", "submit", path, "-t", template, "--yes", "--debug")]
    assert [] == left_behind()
    told.append(die("after-answer:3", "resume", "--yes", "--debug"))
    assert [-9, -9] == [process.returncode for process in told]
    assert [] == left_behind()
    code, said = loader("resume", "--yes")
    loader("report", "--format", "json", "--output", "all.json")

    rows = json.loads(Path("all.json").read_text())["rows"]
    assert (0, ROWS) == (code, said["outcomes"]["accepted"])
    assert [[row["steps"][0]["remote_id"]] for row in rows] == list(in_tenant(tenant).values())
    assert [] == left_behind()
    assert [] == [process for process in told if leaks((process.stdout + process.stderr).encode())]
    assert [] == leaks(Path("all.json").read_bytes() + json.dumps(said).encode())
