"""
`validate` of frictionless on a portfolio, with a table schema that says what it can: types, words, patterns, what must be there.

    python bench/scripts/frictionless_check.py FILE
"""

import sys
from pathlib import Path
from typing import Any

from frictionless import Resource, Schema, system

DAY = {"type": "date", "format": "%m/%d/%Y", "constraints": {"required": True}}
KINDS: dict[str, dict[str, Any]] = {
    "Loan No": {"type": "string", "constraints": {"required": True, "pattern": r"L\d+"}},
    "Borrower No": {"type": "string", "constraints": {"required": True, "pattern": r"B\d+"}},
    "DOB": DAY,
    "Contract Date": DAY,
    "First Due": DAY,
    "SSN": {"type": "string", "constraints": {"pattern": r"\d{3}-\d{2}-\d{4}"}},
    "ZIP": {"type": "string", "constraints": {"pattern": r"\d{5}"}},
    "Product": {"type": "string", "constraints": {"enum": ["Auto", "Personal", "Home"]}},
    "Freq": {"type": "string", "constraints": {"enum": ["M", "BW", "W"]}},
    "Principal": {"type": "number", "groupChar": ",", "bareNumber": False, "constraints": {"required": True}},
    "Rate": {"type": "number", "bareNumber": False, "constraints": {"required": True}},
    "Term": {"type": "integer", "constraints": {"minimum": 1, "maximum": 999}},
}


def main() -> None:
    """Validate and print what came of it."""
    path = Path(sys.argv[1])
    with path.open() as file:
        names = file.readline().strip().split(",")
    fields = [{"name": name, **KINDS.get(name, {"type": "string"})} for name in names]
    with system.use_context(trusted=True):
        report = Resource(path=str(path), schema=Schema.from_descriptor({"fields": fields})).validate()
    print(report.stats["errors"], "errors in", report.tasks[0].stats["rows"], "rows")
    sys.exit(int(not report.valid))


if __name__ == "__main__":
    main()
