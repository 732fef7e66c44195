"""What there is one of for every row or request."""

import msgspec


class Record(msgspec.Struct, frozen=True, gc=False):
    """
    A frozen value that costs an eighth of a frozen dataclass to make; some ten of them are made for each row.

    The search for reference cycles passes it over: it is made whole, and so nothing that it holds can hold it.
    """
