"""Issuer and customer in the XML of an invoice: who they are, where, and by which numbers they are known."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from besace_documents.characters import legible
from besace_documents.content import Party
from besace_documents.nodes import compact, node

SIREN, SIRET, FRENCH_DIRECTORY, EMAIL = "0002", "0009", "0225", "EM"


def party(tag: str, party: Party, taxable: bool, description: str | None = None) -> Element | None:
    """A party; `taxable` says whether its VAT number may be named, and an issuer has a description."""
    siret, vat_number = compact(party.siret), compact(party.vat_number)
    siren = compact(party.siren) or (siret and siret[:9])
    is_seller = description is not None
    contact = node(
        "ram:DefinedTradeContact",
        node("ram:TelephoneUniversalCommunication", node("ram:CompleteNumber", party.phone)),
        node("ram:EmailURIUniversalCommunication", node("ram:URIID", party.email)),
    )
    tax_number = node("ram:ID", vat_number if taxable else None, schemeID="VA")
    if tax_number is None and is_seller:  # BT-32: who has no VAT number is known to the tax office by its SIREN
        tax_number = node("ram:ID", siren or party.registration, schemeID="FC")
    return node(
        tag,
        node("ram:GlobalID", siret, schemeID=SIRET),
        node("ram:Name", party.name),
        node("ram:Description", description),
        node(
            "ram:SpecifiedLegalOrganization",
            node("ram:ID", siren, schemeID=SIREN) if siren else node("ram:ID", party.registration),
        ),
        contact if is_seller else None,
        address(party.address, party.country, party.postal_code, party.city),
        _electronic_address(party, siren),
        node("ram:SpecifiedTaxRegistration", tax_number),
    )


def _electronic_address(party: Party, siren: str | None) -> Element | None:
    if siren:
        address = node("ram:URIID", siren, schemeID=FRENCH_DIRECTORY)
    else:
        address = node("ram:URIID", party.email, schemeID=EMAIL)
    return node("ram:URIUniversalCommunication", address)


def address(
    street: str | None, country: str | None, postal_code: str | None = None, city: str | None = None
) -> Element | None:
    """An address: the schema has three lines for the street, so that the third takes all that are left."""
    first, second, *others = [*filter(None, map(legible, (street or "").splitlines())), "", ""]
    return node(
        "ram:PostalTradeAddress",
        node("ram:PostcodeCode", postal_code),
        node("ram:LineOne", first),
        node("ram:LineTwo", second),
        node("ram:LineThree", ", ".join(filter(None, others))),
        node("ram:CityName", city),
        node("ram:CountryID", country),
    )
