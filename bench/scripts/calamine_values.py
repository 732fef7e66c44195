"""python-calamine reading the values of a workbook's first sheet, and nothing else. The file is its argument."""

import sys
import time

import python_calamine

began = time.perf_counter()
with python_calamine.load_workbook(sys.argv[1]) as book:
    print(sum(1 for _ in book.get_sheet_by_index(0).iter_rows()) - 1, "rows")
print(f"work={time.perf_counter() - began}")
