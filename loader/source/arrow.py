"""Arrow, as the readers of files use it."""

from functools import cache
from types import ModuleType


@cache
def arrow() -> ModuleType:
    """
    The library, imported only where cells are read.

    Its usual allocator keeps memory that it has once had for itself. For a process that reads block after block jemalloc takes least; where
    Arrow is built without it, the system's own.
    """
    import pyarrow as pa  # noqa: PLC0415  (a fifth of a second of start-up that other commands need not pay)

    has_jemalloc = "jemalloc" in pa.supported_memory_backends()
    pa.set_memory_pool(pa.jemalloc_memory_pool() if has_jemalloc else pa.system_memory_pool())
    library: ModuleType = pa
    return library
