"""A few words of a file in which a person sees at a glance whether its encoding was rightly chosen."""

from collections.abc import Collection, Iterable, Sequence

from loader.masking import masked_text
from loader.models.folding import folded
from loader.source.batching import Block
from loader.source.table import Header

_WORDS = 4
_LETTERS = 30


def sample_words(headers: Sequence[Header], blocks: Iterable[Block], hidden: Collection[str]) -> str:
    """
    Up to four words with characters beyond ASCII, commas between them; "" where there are none.

    Args:
        headers: The columns. Where their names have such words these will do, and no cell is shown.
        blocks: Rows, read until there are words enough.
        hidden: Letters and folded names of columns whose cells may not be shown.
    """
    words: dict[str, None] = {}
    for header in headers:
        _add(words, header.name)
    if words:
        return ", ".join(words)
    shown = [h.index for h in headers if h.letter not in hidden and folded(h.name) not in hidden]
    for block in blocks:
        for index in shown:
            column = block.columns[index]
            if not "".join(column).isascii():
                for cell in column:
                    _add(words, cell)
        if len(words) >= _WORDS:
            break
    return ", ".join(words)


def _add(words: dict[str, None], text: str) -> None:
    if text.isascii() or len(words) >= _WORDS:
        return
    for word in masked_text(text).split():
        if not word.isascii():
            words[word[:_LETTERS]] = None
