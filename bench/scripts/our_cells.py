"""Our own reading of a file, all batches of it and nothing else. The file is its argument."""

import gc
import sys
import time
from pathlib import Path

import pyarrow.compute  # noqa: F401  start-up is not measured here

from loader.source.open import open_table

began = time.perf_counter()
gc.disable()  # as the program does while it checks a file
print(sum(len(batch.rows) for batch in open_table(Path(sys.argv[1])).batches()), "rows")
print(f"work={time.perf_counter() - began}")
