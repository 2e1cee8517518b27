"""The lists of actions, which an administrator edits: their types, and the segments they aim at."""

from __future__ import annotations

from besace.lists import Item, ListItem
from besace.texts import translator

_ = translator(__name__)


class ActionType(
    ListItem,
    list="action_type",
    label=_("Action types"),
    items=[
        Item("trade_fair", _("Trade fair")),
        Item("phoning", _("Phoning campaign")),
        Item("e_mailing", _("E-mailing")),
        Item("conference", _("Conference")),
        Item("breakfast", _("Breakfast presentation")),
        Item("in_store", _("In-store event")),
        Item("commercial", _("Commercial")),
        Item("advertisement", _("Advertisement")),
        Item("salesperson", _("Salesperson")),
    ],
):
    """What sort of action it is."""


SEGMENT = "segment"
"""The key of the list of market segments. Linked entities of any type that has an item of it may be in a segment."""


class Segment(ListItem, list=SEGMENT, label=_("Market segments")):
    """A part of the market, named by those who sell there."""
