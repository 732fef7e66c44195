"""
xlsxwriter in constant memory writing cells by their type, and nothing else.

    python bench/scripts/xlsxwriter_cells.py CELLS TARGET
"""

import pickle
import sys
from datetime import datetime
from pathlib import Path

import xlsxwriter


def main() -> None:
    """Write them."""
    with (
        xlsxwriter.Workbook(sys.argv[2], {"constant_memory": True}) as book,
        Path(sys.argv[1]).open("rb") as cells,
    ):
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet = book.add_worksheet("Results")
        at = 0
        while True:
            try:
                row = pickle.load(cells)
            except EOFError:
                break
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(at, column, cell)
                elif isinstance(cell, datetime):
                    sheet.write_datetime(at, column, cell, moment)
                elif cell is not None:
                    sheet.write_number(at, column, cell)
            at += 1
    print(at, "rows")


if __name__ == "__main__":
    main()
