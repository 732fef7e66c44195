"""
One kind of request: what it sends, and how it finds again what it may have created.

Its requests are values here; nothing is sent. What is added to a loan that exists, such as a payment, is a PUT on that loan
(LoanPro reference 2.6-2.9): repeating it adds again. Its `finder` looks for a marker instead of a natural key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Any, get_args

from loader.models.comparison import nested_fields
from loader.models.enumerations import endings
from loader.models.look_up import Finder, LookUp
from loader.models.marker import marked, marker_of, markers_in
from loader.models.payload import Payload
from loader.models.person import PersonalKey
from loader.models.settings_values import CustomerRole
from loader.models.structure import nearest_names

_LARGEST_ID = 2**63 - 1
_ROLE_GROUP = "loan.customerRole"
ROLES = tuple(endings(_ROLE_GROUP, get_args(get_args(CustomerRole)[0])))
"""Roles as templates write them: primary, secondary, additional, unassigned (LoanPro reference 2.5)."""


@dataclass(frozen=True, slots=True)
class LinkField:
    """
    A list of the payload that links entities which exist already.

    Attributes:
        field: Its name in the payload, such as `Customers`.
        to: Entity group that is linked, such as `customers`.
        by: Field that identifies the linked entity to the lender, such as `customId`.
        roles: Roles as templates write them; none where the link has none.
    """

    field: str
    to: str
    by: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """
    One kind of request.

    Attributes:
        name: Name in templates and reports, such as `loans.create`.
        entity_group: What it makes, such as `loans`.
        method: HTTP method.
        path: Path below the base URL, with `id` where the parent's id stands: `odata.svc/Loans(id)`.
        model: Model of the payload; of what is added to a list of the parent, model of the item.
        key_fields: Fields that may serve as natural key; none where a marker is made from a number of the lender's own.
        finder: How what it made is found again.
        links: Links that its payload can hold.
        parent: The link that names the entity whose list it adds to; it is part of the path and not of the payload.
        list_name: The parent's list that it adds to, such as `Payments`.
        marker_fields: Text fields that may carry the marker, the usual one first; none where a natural key finds it.
        always: Fields that are sent whatever a template says.
        personal_key: The fields that may together be the natural key instead of one of `key_fields`, None where there are none.
    """

    name: str
    entity_group: str
    method: str
    path: str
    model: type[Payload]
    key_fields: tuple[str, ...]
    finder: Finder
    links: tuple[LinkField, ...] = ()
    parent: LinkField | None = None
    list_name: str = ""
    marker_fields: tuple[str, ...] = ()
    always: Mapping[str, Any] = dataclass_field(default_factory=dict, hash=False)
    personal_key: PersonalKey | None = None

    def keyed_by(self, fields: tuple[str, ...]) -> "Operation":
        """The operation whose entities are found by one of its keys."""
        if self.personal_key is None or fields != self.personal_key.fields:
            return self
        return replace(self, key_fields=fields, finder=self.personal_key.finder)

    @property
    def personal(self) -> bool:
        """Whether its natural key is personal data."""
        return self.personal_key is not None and self.key_fields == self.personal_key.fields

    def of(self, payload: Mapping[str, Any]) -> "Operation":
        """The operation on one payload: its look-ups know what they look for."""
        finder = self.finder.of(payload)
        return self if finder is self.finder else replace(self, finder=finder)

    def within(self, parent_id: int) -> "Operation":
        """The operation on one parent: its path and its look-ups name the parent's id."""
        return replace(self, path=path_within(self.path, parent_id), finder=self.finder.within(parent_id))

    def body(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """What is sent: the payload itself, or wrapped as an item of the parent's list (LoanPro reference 1.6)."""
        return {self.list_name: {"results": [payload]}} if self.list_name else dict(payload)

    def completed(self, payload: Mapping[str, Any], key: str, marker_field: str) -> dict[str, Any]:
        """
        A checked payload with what this program adds of its own: fields that are always sent, and the marker.

        Args:
            payload: As the check left it.
            key: Natural key, from which the marker is made.
            marker_field: The text field that carries it, "" for the usual one.

        Raises:
            ValueError: The text leaves no room for the marker, or a text carries one already.
        """
        whole = {**payload, **self.always}
        if any(markers_in(whole.get(name) or "") for name in self.marker_fields):
            raise ValueError(
                "the text carries a marker of this program already, by which another would be found"
            )
        if self.marker_fields:
            name = marker_field or self.marker_fields[0]
            whole[name] = marked(whole.get(name) or "", marker_of(self.name, key))
        return whole

    def takes_marker(self, texts: Sequence[str | None], marker_field: str) -> bool:
        """
        Whether `completed` takes a payload, whatever its key.

        Args:
            texts: The payload's values of the fields that may carry the marker, in their order; None where there is none.
            marker_field: The text field that carries it, "" for the usual one.
        """
        held = {name: text for name, text in zip(self.marker_fields, texts, strict=True) if text is not None}
        try:
            self.completed(held, "any", marker_field)
        except ValueError:
            return False
        return True

    def look_ups(self, key: str) -> tuple[LookUp, ...]:
        """Requests that would show what this operation made of *key*, the most dependable first."""
        return self.finder.look_ups(key)

    def read_back(self, remote_id: int, payload: Mapping[str, Any]) -> LookUp:
        """The request that shows the entity with all that the payload holds, so that they can be compared."""
        return self.finder.read_back(remote_id, nested_fields(payload))

    def contradicts(self, entity: dict[str, Any], key: str) -> bool:
        """Whether an entity shows that it is not the one that *key* identifies."""
        return self.finder.contradicts(entity, key)

    def matches(self, entity: dict[str, Any], key: str) -> bool:
        """Whether an entity of an answer is the one that *key* identifies."""
        return self.finder.matches(entity, key)

    def hides(self, entity: dict[str, Any], key: str) -> bool:
        """Whether an entity of an answer may be the one that *key* identifies, and does not show enough to tell."""
        return self.finder.hides(entity, key)

    def link(self, field: str) -> LinkField:
        """
        The link that a field of the payload holds.

        Raises:
            UnknownOperation: This operation has no such link.
        """
        known = [*self.links, *([self.parent] if self.parent else [])]
        for link in known:
            if link.field == field:
                return link
        raise UnknownOperation(
            field,
            nearest_names(field, [link.field for link in known]),
            f"{self.name} has no link {field}",
        )


class UnknownOperation(LookupError):  # noqa: N818 - says what it is, as the names in loader.errors do
    """
    An operation, link or role that the catalogue does not have.

    Attributes:
        name: The name as it was written.
        nearest: Names that look like it, the nearest first; may be empty.
        message: What is wrong, as a sentence without a final stop.
        hint: What to do about it, as an order, or "".
    """

    def __init__(self, name: str, nearest: list[str], message: str) -> None:
        self.name = name
        self.nearest = nearest
        self.message = message
        self.hint = f"did you mean {' or '.join(nearest)}?" if nearest else ""
        super().__init__(f"{message}; {self.hint}" if self.hint else message)


def path_within(path: str, parent_id: int) -> str:
    """A path with the parent's id where it belongs; others stay as they are."""
    return path.replace("(id)", f"({parent_id})")


def link_value(link_field: LinkField, remote_id: int, role: str) -> dict[str, Any]:
    """
    The payload item that links an existing entity (LoanPro reference 2.5); it belongs into the field's `results`.

    Args:
        link_field: The link.
        remote_id: LoanPro's id of the entity.
        role: Role as templates write it, such as `primary`, or the whole enumeration value.

    Raises:
        UnknownOperation: The link has no such role.
    """
    short = role.removeprefix(f"{_ROLE_GROUP}.")
    if short not in link_field.roles:
        raise UnknownOperation(
            role, nearest_names(role, link_field.roles), f"{link_field.field} has no role {role}"
        )
    return {"__id": remote_id, "__setLoanRole": f"{_ROLE_GROUP}.{short}"}


def entity_id(entity: dict[str, Any]) -> int:
    """
    LoanPro's id of an entity that it answered with (LoanPro reference 3.3).

    Raises:
        ValueError: There is no `id`, or it is not a positive whole number.
    """
    found = entity.get("id")
    if isinstance(found, str) and found.isascii() and found.isdigit():
        found = int(found)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 < found <= _LARGEST_ID:
        raise ValueError("the answer holds no id")
    return found
