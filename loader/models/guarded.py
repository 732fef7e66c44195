"""Whether LoanPro itself would warn of a second entity like the one that a payload makes (LoanPro reference 2.4, 4.3)."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from loader.models.control_fields import IGNORE_WARNINGS

_RECOGNISED_BY: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "loans": (("displayId",),),
    "customers": (("ssn", "birthDate"), ("email",), ("Phones",), ("PrimaryAddress",), ("MailAddress",)),
}
"""For each group, fields by which LoanPro recognises a second one; of several in a row all are needed."""


def is_guarded(entity_group: str, payload: Mapping[str, Any]) -> bool:
    """
    Whether a second request with this payload would be answered with a transaction warning instead of a second entity.

    A payload that tells LoanPro to ignore warnings anywhere is not: which warnings that switches off is documented in two ways.

    Args:
        entity_group: Such as `loans`.
        payload: Checked, without its links.
    """
    for fields in _RECOGNISED_BY.get(entity_group, ()):
        if all(map(payload.get, fields)):
            return not _ignores(dict(payload))
    return False


def may_be_guarded(entity_group: str, paths: Iterable[str]) -> bool:
    """
    The same as far as the paths tell that a template fills: whether some row's payload may be one of which LoanPro warns.

    Args:
        entity_group: Such as `loans`.
        paths: Payload paths, such as `PrimaryAddress.city` or `Phones[1].phone`.
    """
    steps = [re.split(r"[.\[]", path) for path in paths]
    return is_guarded(entity_group, {parts[0]: True for parts in steps}) and all(
        parts[-1] != IGNORE_WARNINGS for parts in steps
    )


def _ignores(value: dict[str, Any] | list[Any]) -> bool:
    if isinstance(value, dict) and value.get(IGNORE_WARNINGS):
        return True
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, (dict, list)) and _ignores(inner):
            return True
    return False
