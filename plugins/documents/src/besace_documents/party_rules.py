"""The rules about an issuer and a customer: what has to be known of them, and whether their numbers are right."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from besace.errors import InvalidValue
from besace.texts import Text, translator
from besace_documents import codes
from besace_documents.characters import legible
from besace_documents.content import Content, Party
from besace_documents.problem import CODE_OF_LAW, Problem
from besace_documents.vat import CATEGORIES, FRANCE, RULE_NAMES, vats
from besace_persons import numbers

_ = translator(__name__)


GREECE = "EL"
"""What its VAT numbers begin with, though its code is GR."""


def vat_number(text: str) -> str:
    """A VAT number that begins with the two letters of a country; raises InvalidValue."""
    number = numbers.vat_number(text)
    if not (codes.is_known(number[:2], "countries") or number.startswith(GREECE)):
        raise InvalidValue(
            _('"{text}" does not begin with a country.').format(text=text),
            _("Expected the two letters of the country first, for example FR."),
        )
    return number


NUMBERS: dict[str, tuple[str, Callable[[str], str]]] = {
    "siren": ("BR-FR-10", numbers.siren),
    "siret": ("BR-FR-09", numbers.siret),
    "vat_number": ("BR-CO-09", vat_number),
    "iban": ("BR-50", numbers.iban),
    "bic": ("BT-86", numbers.bic),
}
"""The numbers of a party, the rule about each, and what checks it."""


def party_problems(content: Content) -> Iterator[Problem]:
    """What is missing or wrong at the issuer and the customer."""
    for role, party in (("seller", content.seller), ("buyer", content.buyer)):
        yield from _basics(role, party)
        yield from _wrong_numbers(role, party)
    yield from _identified(content.seller)
    yield from _vat_numbers(content)


def _basics(role: str, party: Party) -> Iterator[Problem]:
    is_seller = role == "seller"
    if not legible(party.name):
        nameless = _("The issuer has no name.") if is_seller else _("The customer has no name.")
        yield Problem("BR-06" if is_seller else "BR-07", nameless, _("Give it one."), field=f"{role}.name")
    who = {"name": party.name}
    if not (legible(party.address) or legible(party.city)):
        message, mend = _("{name} has no address.").format(**who), _("Give its address.")
        yield Problem(CODE_OF_LAW, message, mend, field=f"{role}.address")
    if not party.country:
        message = _("{name} has no country.").format(**who)
        yield Problem("BR-09" if is_seller else "BR-11", message, _("Give its country."), field=f"{role}.country")
    elif not codes.is_known(party.country, "countries"):
        message, mend = (
            _('"{code}" is not a country.').format(code=party.country),
            _("Use its two letters, for example FR."),
        )
        yield Problem("BR-CL-14", message, mend, field=f"{role}.country")


def _wrong_numbers(role: str, party: Party) -> Iterator[Problem]:
    for field, (rule, check) in NUMBERS.items():
        value = getattr(party, field)
        try:
            if value:
                check(value)
        except InvalidValue as error:
            yield Problem(rule, _text(error.message), _text(error.hint), field=f"{role}.{field}")
    if party.siren and party.siret and not party.siret.replace(" ", "").startswith(party.siren.replace(" ", "")):
        yield Problem(
            "BR-FR-09",
            _("The SIRET of {name} is not one of its SIREN.").format(name=party.name),
            _("A SIRET begins with the nine digits of the SIREN."),
            field=f"{role}.siret",
        )


def _text(value: Text | str | None) -> Text:
    return value if isinstance(value, Text) else Text(value or "", "")


def _identified(seller: Party) -> Iterator[Problem]:
    if seller.country == FRANCE and not (seller.siren or seller.siret):
        message = _("{name} has no SIREN.").format(name=seller.name)
        yield Problem("C. com., art. R. 123-237", message, _("Give its SIREN or its SIRET."), field="seller.siren")
    elif not (_is_registered(seller) or seller.vat_number):
        message = _("{name} has no number by which it is known.").format(name=seller.name)
        yield Problem("BR-CO-26", message, _("Give its VAT number or its registration."), field="seller.vat_number")


def _is_registered(seller: Party) -> bool:
    return bool(seller.siren or seller.siret or legible(seller.registration))


def _vat_numbers(content: Content) -> Iterator[Problem]:
    categories = {vat.category for vat in vats(content)}
    seller, buyer = content.seller, content.buyer
    for category in sorted(categories & CATEGORIES.keys()):
        known, name = CATEGORIES[category], RULE_NAMES.get(category, category)
        mend = _('The VAT category "{label}" needs it.').format(label=known.label)
        if known.seller and not seller.vat_number:
            message = _("{name} has no VAT number.").format(name=seller.name)
            yield Problem(f"BR-{name}-02", message, mend, field="seller.vat_number")
        if known.buyer and not buyer.vat_number:
            message = _("{name} has no VAT number.").format(name=buyer.name)
            yield Problem(f"BR-{name}-02", message, mend, field="buyer.vat_number")
    if "O" in categories and seller.vat_number and not _is_registered(seller):
        yield Problem(
            "BR-CO-26",
            _("{name} is known by its VAT number alone, which a document not subject to VAT cannot show.").format(
                name=seller.name
            ),
            _("Give its registration."),
            field="seller.registration",
        )
    if "K" in categories and seller.vat_number and buyer.vat_number and seller.vat_number[:2] == buyer.vat_number[:2]:
        yield Problem(
            "CGI, art. 262 ter I",
            _("{seller} and {buyer} have their VAT numbers from one country.").format(
                seller=seller.name, buyer=buyer.name
            ),
            _("A supply inside a country is taxed there: choose another VAT category."),
            field="buyer.vat_number",
        )
