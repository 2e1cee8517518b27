"""Organisations, contacts, and the sectors and market segments of organisations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Mapped

from besace import fields
from besace.errors import Refused
from besace.lists import Item, ListItem
from besace.model import Entity
from besace.money import Money
from besace.reading import mention
from besace.texts import translator
from besace_persons import numbers
from besace_persons.own import SETTING

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)


class Sector(
    ListItem,
    list="sector",
    label=_("Sectors"),
    items=[
        Item("agriculture", _("Agriculture")),
        Item("construction", _("Construction")),
        Item("education", _("Education")),
        Item("energy", _("Energy")),
        Item("finance", _("Finance and insurance")),
        Item("health", _("Health")),
        Item("industry", _("Industry")),
        Item("public", _("Public sector")),
        Item("retail", _("Retail")),
        Item("services", _("Services")),
        Item("technology", _("Technology")),
        Item("telecommunications", _("Telecommunications")),
        Item("tourism", _("Tourism and leisure")),
        Item("transport", _("Transport")),
    ],
):
    """What an organisation works in."""


class Segment(ListItem, list="segment", label=_("Market segments")):
    """A part of the market, named by those who sell there; other plugins may declare the same list."""


class Organisation(Entity, type="organisation", label=_("Organisation"), plural=_("Organisations")):
    """A company, an authority, an association; some are ours."""

    name: Mapped[str] = fields.text("Name", names_row=True, help="The name it goes by.")
    ours: Mapped[bool] = fields.boolean("Ours", help="Whether it is one of our own organisations.")
    sector: Mapped[Sector | None] = fields.item("Sector", list="sector", help="What it works in.")
    segment: Mapped[Segment | None] = fields.item(
        "Segment", list="segment", help="The part of the market that it belongs to."
    )
    website: Mapped[str | None] = fields.url("Website", help="The address of its web site.")
    phone: Mapped[str | None] = fields.phone("Phone", help="Its main telephone number.")
    email: Mapped[str | None] = fields.email("E-mail", help="Its general e-mail address.")
    address: Mapped[str | None] = fields.long_text("Address", help="The lines of its postal address, without the city.")
    postal_code: Mapped[str | None] = fields.text("Postal code", length=20, help="The postal code of its city.")
    city: Mapped[str | None] = fields.text("City", help="The city of its postal address.")
    country: Mapped[str | None] = fields.text(
        "Country", length=2, clean=numbers.country, example="FR", help="The two letters of its country (ISO 3166)."
    )
    siren: Mapped[str | None] = fields.text(
        "SIREN",
        length=9,
        clean=numbers.siren,
        example="732829320",
        help="The nine digits of a French organisation.",
    )
    siret: Mapped[str | None] = fields.text(
        "SIRET",
        length=14,
        clean=numbers.siret,
        example="73282932000074",
        help="The fourteen digits of its French establishment, which begin with the SIREN.",
    )
    vat_number: Mapped[str | None] = fields.text(
        "VAT number",
        length=20,
        clean=numbers.vat_number,
        example="FR44732829320",
        help="With the two letters of its country first.",
    )
    legal_form: Mapped[str | None] = fields.text("Legal form", length=80, help="Its legal form: SAS, SARL, GmbH.")
    capital: Mapped[Money | None] = fields.money("Share capital", minimum=0, help="Its share capital.")
    registration: Mapped[str | None] = fields.text(
        "Registration", help="Where it is registered, and under which number: RCS Lyon 732 829 320."
    )
    iban: Mapped[str | None] = fields.text(
        "IBAN",
        length=34,
        clean=numbers.iban,
        example="FR1420041010050500013M02606",
        help="The number of its bank account.",
    )
    bic: Mapped[str | None] = fields.text(
        "BIC", length=11, clean=numbers.bic, example="BNPAFRPP", help="The code of the bank of its account."
    )

    @classmethod
    def prepare(cls, old: Mapping[str, Any] | None, new: dict[str, Any], work: Work) -> dict[str, Any]:
        """A SIRET gives the SIREN, a SIREN the country; the install's own organisation stays one of ours."""
        siret = new["siret"]
        if siret is not None and new["siren"] is None:
            new["siren"] = siret[:9]
        if new["siren"] is not None and new["country"] is None:
            new["country"] = "FR"
        if siret is not None and siret[:9] != new["siren"]:
            raise Refused(
                _("The SIRET {siret} does not begin with the SIREN {siren}.").format(siret=siret, siren=new["siren"]),
                _("Correct one of them, or leave the SIREN empty: the SIRET gives it."),
            )
        if old is not None and old["ours"] and not new["ours"] and work.setting(SETTING) == old["id"]:
            raise Refused(
                _("{organisation} is this install's own organisation and stays one of ours.").format(
                    organisation=mention(cls.__label__, old["id"], old["label"])
                ),
                _("Choose another one first: besace config set own_organisation ORGANISATION"),
            )
        return new


class Contact(Entity, type="contact", label=_("Contact"), plural=_("Contacts")):
    """A person whom one deals with."""

    first_name: Mapped[str | None] = fields.text("First name", names_row=True, help="The name that one is called by.")
    last_name: Mapped[str] = fields.text("Last name", names_row=True, help="The name of the family.")
    job_title: Mapped[str | None] = fields.text("Job title", help="What the person does where he or she works.")
    phone: Mapped[str | None] = fields.phone("Phone", help="A telephone number where the person answers.")
    email: Mapped[str | None] = fields.email("E-mail", help="The e-mail address of the person.")
    address: Mapped[str | None] = fields.long_text("Address", help="The lines of the postal address, without the city.")
    postal_code: Mapped[str | None] = fields.text("Postal code", length=20, help="The postal code of the city.")
    city: Mapped[str | None] = fields.text("City", help="The city of the postal address.")
    country: Mapped[str | None] = fields.text(
        "Country", length=2, clean=numbers.country, example="FR", help="The two letters of the country (ISO 3166)."
    )
