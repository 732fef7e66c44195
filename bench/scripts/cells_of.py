"""The cells of a results workbook's table as Python's own values, row by row. Its arguments are the workbook and the file that they go to."""

import pickle
import sys
from pathlib import Path

import python_calamine

with python_calamine.load_workbook(sys.argv[1]) as book, Path(sys.argv[2]).open("wb") as target:
    for row in book.get_sheet_by_name("Results").iter_rows():
        pickle.dump(tuple(None if cell == "" else cell for cell in row), target)
