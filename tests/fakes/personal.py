"""The portfolio template for lenders without a number of their own for borrowers."""

from pathlib import Path

_PORTFOLIO = Path(__file__).parents[2] / "templates" / "portfolio.yaml"


def personal_template():
    """Its text: borrowers are found by social security number and birth date, loans link to the borrower of their row."""
    text = _PORTFOLIO.read_text("utf-8")
    for former, now in (
        (
            "    key: customId\n    fields:\n      customId: Borrower No\n",
            "    key: [ssn, birthDate]\n    fields:\n",
        ),
        ("by: customId, column: Borrower No, role", "by: [ssn, birthDate], role"),
    ):
        assert 1 == text.count(former)
        text = text.replace(former, now)
    return text
