"""Arrow, as the readers of files use it."""

from functools import cache
from types import ModuleType


@cache
def arrow() -> ModuleType:
    """
    The library, imported only where cells are read.

    Arrow keeps memory that it has once had for itself; the system's own allocator takes less for a process that reads blocks.
    """
    import pyarrow as pa  # noqa: PLC0415  (a fifth of a second of start-up that other commands need not pay)

    pa.set_memory_pool(pa.system_memory_pool())
    library: ModuleType = pa
    return library
