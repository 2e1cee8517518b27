"""How organisations and contacts stand to one another."""

from __future__ import annotations

from besace.records import RelationType
from besace.texts import translator

_ = translator(__name__)

_PERSONS = ("organisation", "contact")

RELATION_TYPES = [
    RelationType("works_for", _("works for"), _("employs"), ("contact",), ("organisation",)),
    RelationType("manages", _("manages"), _("is managed by"), ("contact",), _PERSONS),
    RelationType("customer_of", _("is a customer of"), _("is a supplier of"), _PERSONS, ("organisation",)),
    RelationType("prospect_of", _("is a prospect of"), _("has as a prospect"), _PERSONS, ("organisation",)),
    RelationType(
        "subsidiary_of",
        _("is a subsidiary of"),
        _("has as a subsidiary"),
        ("organisation",),
        ("organisation",),
    ),
]
