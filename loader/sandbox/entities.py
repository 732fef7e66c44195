"""
The shape of an entity of the tenant, and what loans and customers share.

A key that is not listed is dropped without a word, as LoanPro does (LoanPro reference 1.7).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from loader.sandbox.values import DATE, INTEGER, TEXT, Kind, enum, text


@dataclass(frozen=True)
class Entity:
    """
    One kind of record.

    Attributes:
        name: The last part of its `__metadata.type`, such as `LoanSetup`.
        fields: Its own fields.
        required: Fields and objects that a new record must have, each with its name in messages.
        objects: Single nested records.
        lists: Lists of nested records, wrapped in `results`.
        links: Lists of links to top entities: the field to the set it links to, such as `Customers`.
        ours: Fields that the tenant alone sets.
        defaults: Values of a new record where the payload has none.
    """

    name: str
    fields: Mapping[str, Kind]
    required: Mapping[str, str] = field(default_factory=dict)
    objects: Mapping[str, "Entity"] = field(default_factory=dict)
    lists: Mapping[str, "Entity"] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    ours: Mapping[str, Kind] = field(default_factory=dict)
    defaults: Mapping[str, object] = field(default_factory=dict)

    def kind_of(self, name: str) -> Kind | None:
        """The kind of a field, the tenant's own fields and `id` included; None if there is no such field."""
        return self.fields.get(name) or self.ours.get(name) or (INTEGER if name == "id" else None)


def fields(kinds: Mapping[str, Kind], enums: Mapping[str, str] | None = None) -> dict[str, Kind]:
    """Several names for each kind, separated by blanks; a name for each enumeration."""
    found = {name: kind for names, kind in kinds.items() for name in names.split()}
    return found | {name: enum(group) for name, group in (enums or {}).items()}


def each(kind: Kind, names: str) -> dict[str, Kind]:
    """Several names, separated by blanks, of one kind."""
    return dict.fromkeys(names.split(), kind)


OWNER = fields({"entityId": INTEGER, "entityType": TEXT, "created": DATE})

CUSTOM_FIELD = Entity(
    "CustomFieldValue",
    fields({"customFieldId": INTEGER, "customFieldValue": text(255)}),
    required={"customFieldId": "Custom Field Id"},
)
CUSTOM = {"CustomFieldValues": CUSTOM_FIELD}

NOTE = Entity(
    "Note",
    fields({"subject body type": TEXT, "categoryId authorId": INTEGER, "expirationDate": DATE}),
    required={"subject": "Subject", "body": "Body", "categoryId": "Category"},
    ours=OWNER,
)
