"""
pandera on pandas over a portfolio: words by set, the rest by patterns, on the whole file at once.

    python bench/scripts/pandera_check.py FILE
"""

import sys

import pandas as pd
import pandera.pandas as pa

DAY = r"\d{2}/\d{2}/\d{4}"
WORDS = {"Product": ["Auto", "Personal", "Home"], "Freq": ["M", "BW", "W"], "Status": ["Active"]}
PATTERNS = {
    "Loan No": r"L\d+", "Borrower No": r"B\d+", "DOB": DAY, "Contract Date": DAY, "First Due": DAY, "SSN": r"\d{3}-\d{2}-\d{4}",
    "ZIP": r"\d{5}", "Principal": r"\$[\d,]+\.\d{2}", "Rate": r"[\d.]+%", "Term": r"\d{1,3}", "Email": r"[^@]+@[^@]+",
    "Cell Phone": r"\(\d{3}\) \d{3}-\d{4}",
}  # fmt: skip


def main() -> None:
    """Read, validate, print."""
    columns = {name: pa.Column(str, pa.Check.isin(words)) for name, words in WORDS.items()} | {
        name: pa.Column(str, pa.Check.str_matches(f"^(?:{pattern})$")) for name, pattern in PATTERNS.items()
    }
    frame = pd.read_csv(sys.argv[1], dtype=str, keep_default_na=False, engine="pyarrow")
    print(len(pa.DataFrameSchema(columns).validate(frame, lazy=True)), "rows")


if __name__ == "__main__":
    main()
