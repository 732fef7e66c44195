"""
What identifies a request: a digest of all that it would say, whatever the order in which its fields are written.

It is made of the paths of the values, of the links, and of the values as they are encoded. Links count by their natural keys, since
ids differ from tenant to tenant.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from operator import itemgetter
from typing import Any, Final, NamedTuple

from loader.models.encoding import encode
from loader.models.layout import leaves_of

_DIGEST_BYTES: Final = 16
_REMEMBERED: Final = 1_024


class LinkContent(NamedTuple):
    """
    A link, apart from its key.

    Attributes:
        field: Field of the payload that holds it, such as `Customers`.
        entity: Entity group that is linked, such as `customers`.
        role: Its role, such as `primary`; "" where it has none.
    """

    field: str
    entity: str
    role: str


def content_digest(
    payload: dict[str, Any], links: Sequence[tuple[LinkContent, str]], secret: bytes = b""
) -> bytes:
    """
    Digest of what a payload with its links would say, 16 bytes.

    Args:
        payload: Without its links.
        links: Each with its natural key; those of one field in the order in which they are sent.
        secret: Key of the digest, b"" for none.

    Raises:
        ValueError: A number is not finite.
    """
    leaves = sorted(leaves_of(payload), key=itemgetter(0))
    linked = in_field_order(links)
    head = head_of(tuple(path for path, _ in leaves), tuple(link for link, _ in linked))
    content = encode([*(value for _, value in leaves), *(key for _, key in linked)])
    return next(digests_of(head, [content], secret))


def _field_of(link: tuple[LinkContent, str]) -> str:
    return link[0].field


def in_field_order(links: Iterable[tuple[LinkContent, Any]]) -> list[tuple[LinkContent, Any]]:
    """Links as their keys stand in the content: by field, those of one field in the order in which they are sent."""
    return sorted(links, key=_field_of)


@lru_cache(_REMEMBERED)
def head_of(paths: tuple[str, ...], links: tuple[LinkContent, ...]) -> bytes:
    """What the values of a content are: 16 bytes that stand for their paths, and for the links whose keys follow them."""
    return blake2b(encode([paths, links]), digest_size=_DIGEST_BYTES).digest()


def digests_of(head: bytes, contents: Iterable[bytes], secret: bytes) -> Iterator[bytes]:
    """
    The digests of contents.

    Args:
        head: What all of them are (`head_of`); b"" where that goes without saying.
        contents: The values in the order of their paths, then the keys of the links, encoded as one list.
        secret: Key of the digests, b"" for none.
    """
    begun = blake2b(head, digest_size=_DIGEST_BYTES, key=secret)
    for content in contents:
        digest = begun.copy()
        digest.update(content)
        yield digest.digest()
