"""What the core verifies, through the hook that every plugin has."""

from __future__ import annotations

from besace.records import Verification
from besace.texts import translator
from besace.verification import files, labels, links, lists, rows, tables, types

_ = translator(__name__)

VERIFICATIONS = [
    Verification("tables", _("Tables as their code declares them"), tables.differences),
    Verification("file", _("The database reads itself without damage"), tables.damages),
    Verification("rows", _("Entities with the rows of their types"), rows.halves),
    Verification("references", _("References to rows that exist"), rows.dangling),
    Verification("known_types", _("Types that a plugin knows"), types.unknown_types),
    Verification("links", _("Links that their relation takes"), links.unfit),
    Verification("link_types", _("Types copied into links"), links.stale_types, links.renew_types),
    Verification("labels", _("Labels and the keys they are sorted by"), labels.stale, labels.renew),
    Verification("currencies", _("Currencies that exist"), types.unknown_currencies),
    Verification("items", _("Items of the editable lists"), lists.missing_items),
    Verification("conditions", _("Conditions and measures that can be asked"), types.broken_declarations),
    Verification("settings", _("Values of the settings"), types.broken_settings),
    Verification("files", _("Files that rows refer to, there and unaltered"), files.spoilt),
    Verification("unused_files", _("Files that are still in use"), files.unused, files.remove),
    Verification("ids", _("The series of ids, beyond every id in use"), tables.short_series, tables.advance_series),
]
