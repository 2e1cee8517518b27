"""The categories of VAT and the reasons of an exemption from it, as EN 16931 and French law have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from besace.texts import Text, translator
from besace_documents import codes
from besace_documents.arithmetic import Vat
from besace_documents.characters import legible
from besace_documents.content import Content

_ = translator(__name__)

FRANCE = "FR"


_PART_OF = {"MC": FRANCE}
"""Countries that count as a part of another one."""


@dataclass(frozen=True)
class Category:
    """A category of VAT (UNCL 5305), and what it asks for.

    `rated`: its rate is above zero. `exempt`: it needs a reason, and `reason` is the one that it has by nature.
    `seller` and `buyer`: whose VAT number it needs.
    """

    label: Text
    rated: bool = False
    exempt: bool = False
    reason: str | None = None
    seller: bool = False
    buyer: bool = False


CATEGORIES: Mapping[str, Category] = {
    "S": Category(_("Standard rate"), rated=True, seller=True),
    "Z": Category(_("Zero rate"), seller=True),
    "E": Category(_("Exempt"), exempt=True),
    "AE": Category(_("Reverse charge"), exempt=True, reason="VATEX-EU-AE", seller=True, buyer=True),
    "K": Category(_("Intra-Community supply"), exempt=True, reason="VATEX-EU-IC", seller=True, buyer=True),
    "G": Category(_("Export"), exempt=True, reason="VATEX-EU-G", seller=True),
    "O": Category(_("Not subject to VAT"), exempt=True, reason="VATEX-EU-O"),
}

LABELS: Mapping[str, Text] = {**{key: known.label for key, known in CATEGORIES.items()}, "B": _("Split payment")}
"""All categories of EN 16931; a document with split payment (B) is only reckoned, and never issued."""

STANDARD, ZERO = "S", "Z"

TAXED = (*(key for key, known in CATEGORIES.items() if known.rated), "B")
"""The categories that have a rate above 0."""

RULE_NAMES: Mapping[str, str] = {"K": "IC"}
"""What EN 16931 calls a category in the names of its rules, where it is not the category itself: BR-IC-05."""

REASONS: Mapping[str, Text] = {
    "VATEX-EU-AE": _("Reverse charge"),
    "VATEX-EU-IC": _("Intra-Community supply, exempt under art. 138 of Directive 2006/112/EC"),
    "VATEX-EU-G": _("Export, exempt under art. 146 of Directive 2006/112/EC"),
    "VATEX-EU-O": _("Not subject to VAT"),
    "VATEX-EU-D": _("Margin scheme: travel agents"),
    "VATEX-EU-F": _("Margin scheme: second-hand goods"),
    "VATEX-EU-I": _("Margin scheme: works of art"),
    "VATEX-EU-J": _("Margin scheme: collector's items and antiques"),
    "VATEX-FR-FRANCHISE": _("VAT not applicable, art. 293 B of the French tax code (CGI)"),
    "VATEX-FR-CNWVAT": _("Credit note without VAT, art. 272 of the French tax code (CGI)"),
    "VATEX-FR-CGI261-1": _("Exempt from VAT, art. 261-1 of the French tax code (CGI)"),
    "VATEX-FR-CGI261-2": _("Exempt from VAT, art. 261-2 of the French tax code (CGI)"),
    "VATEX-FR-CGI261-3": _("Exempt from VAT, art. 261-3 of the French tax code (CGI)"),
    "VATEX-FR-CGI261-4": _("Exempt from VAT, art. 261-4 of the French tax code (CGI)"),
    "VATEX-FR-CGI261-5": _("Exempt from VAT, art. 261-5 of the French tax code (CGI)"),
    "VATEX-FR-CGI261-7": _("Exempt from VAT, art. 261-7 of the French tax code (CGI)"),
    "VATEX-FR-CGI261C-1": _("Exempt from VAT, art. 261 C 1° of the French tax code (CGI)"),
    "VATEX-FR-CGI261C-2": _("Exempt from VAT, art. 261 C 2° of the French tax code (CGI)"),
    "VATEX-FR-CGI261D-2": _("Exempt from VAT, art. 261 D 2° of the French tax code (CGI)"),
    "VATEX-FR-CGI261D-4": _("Exempt from VAT, art. 261 D 4° of the French tax code (CGI)"),
}
"""The reasons that can be given by their code (VATEX), and what is printed for them."""

FRENCH_REASONS: Mapping[str, Text] = {
    "VATEX-EU-IC": _("Intra-Community supply, exempt under art. 262 ter I of the French tax code (CGI)"),
    "VATEX-EU-G": _("Export, exempt under art. 262 I of the French tax code (CGI)"),
}
"""What a French issuer says instead."""


@dataclass(frozen=True)
class Exemption:
    """Why a VAT group has no tax: a code of VATEX, a sentence, or both."""

    code: str | None
    text: Text | str | None


def exemption(category: str, reason: str | None, country: str | None) -> Exemption | None:
    """The exemption of a line: `reason` is a code or a sentence; without one, what the category has by nature.

    None where the category takes none, or has none by nature. `country` is that of the issuer.
    """
    known = CATEGORIES.get(category)
    if known is None or not known.exempt:
        return None
    reason = legible(reason) or known.reason
    if reason is None:
        return None
    text = (FRENCH_REASONS.get(reason) if country == FRANCE else None) or REASONS.get(reason)
    if text is not None or codes.is_known(reason, "exemptions"):
        return Exemption(reason, text)
    return Exemption(known.reason, reason)


@dataclass(frozen=True)
class Delivery:
    """From which country to which one goods go."""

    origin: str
    destination: str

    @property
    def leaves_union(self) -> bool:
        """Whether they leave the European Union; what does not begin in it is no matter of its law."""
        return not (_is_in_union(self.origin) and _is_in_union(self.destination))

    @property
    def is_between_members(self) -> bool:
        """Whether they go to another member state."""
        return _is_in_union(self.destination) and _whole(self.destination) != _whole(self.origin)


def _is_in_union(country: str) -> bool:
    return codes.is_known(country, "union")


def _whole(country: str) -> str:
    return _PART_OF.get(country, country)


def delivery(content: Content) -> Delivery | None:
    """Where the goods of a document go: to the customer's country; None where that is not known.

    An address of delivery is free text, and may be anywhere: that of a Swiss customer in Germany, for example.
    """
    origin, destination = content.seller.country, content.buyer.country
    if legible(content.delivery_address) or not origin or not codes.is_known(destination or "", "countries"):
        return None
    return Delivery(origin, destination or "")


def vats(content: Content) -> list[Vat]:
    """The category and rate of each line and each adjustment of a document."""
    of_adjustments = (adjustment.vat for adjustment in content.adjustments)
    return [*(line.vat for line in content.lines), *(vat for vat in of_adjustments if vat is not None)]


def exemptions(content: Content, vat: Vat) -> list[Exemption]:
    """Why one VAT group of a document has no tax: each reason of its lines once, in their order."""
    reasons = [line.exemption_reason for line in content.lines if line.vat.group == vat.group] or [None]
    found = (exemption(vat.category, reason, content.seller.country) for reason in reasons)
    return list(dict.fromkeys(each for each in found if each is not None))
