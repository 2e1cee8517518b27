"""The sentences that the law wants on a document: chosen by what it says, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from besace.texts import LANGUAGES, Text, in_language, translator
from besace_documents.content import Content, Party
from besace_documents.vat import FRANCE, exemptions

_ = translator(__name__)

INVOICES = ("invoice", "credit_note")
"""The types that the law of invoices is about."""


def _is_french(content: Content) -> bool:
    return content.type in INVOICES and content.seller.country == FRANCE


def _is_between_traders(content: Content) -> bool:
    return _is_french(content) and content.buyer.is_business


def _sells(operation: str) -> Callable[[Content], bool]:
    return lambda content: _is_french(content) and content.operation == operation


@dataclass(frozen=True)
class Mention:
    """A sentence, when it has to stand on a document, and its subject in an electronic one (UNCL 4451)."""

    text: Text
    applies: Callable[[Content], bool]
    subject: str | None = None


MENTIONS: Sequence[Mention] = (
    Mention(_("Operation: supply of goods."), _sells("goods")),
    Mention(_("Operation: supply of services."), _sells("services")),
    Mention(_("Operation: supply of goods and of services."), _sells("mixed")),
    Mention(
        _("The issuer has opted for paying VAT on debits."), lambda content: _is_french(content) and
        bool(content.vat_on_debits),
    ),
    # Art. L. 441-9, L. 441-10 and D. 441-5 of the Commercial Code: between those who trade. Nobody is late with a
    # credit note, and a platform refuses one without them all the same (BR-FR-05).
    Mention(
        _("In case of late payment, penalties of three times the legal interest rate are due without a reminder."),
        _is_between_traders,
        "PMD",
    ),
    Mention(
        _("In case of late payment, a fixed indemnity of 40 EUR for the costs of recovery is due."),
        _is_between_traders,
        "PMT",
    ),
    Mention(_("No discount for early payment."), _is_between_traders, "AAB"),
)  # fmt: skip
"""In the order in which they are printed, after the reasons of an exemption from VAT."""


def mentions(content: Content, language: str) -> list[str]:
    """The sentences that the law wants on a document, in a language."""
    reasons = [
        _sentence(in_language(reason.text or reason.code, language))
        for tax in content.totals.taxes
        for reason in exemptions(content, tax.vat)
    ]
    fixed = [mention.text.in_language(language) for mention in MENTIONS if mention.applies(content)]
    return list(dict.fromkeys([*reasons, *fixed]))


def subject_of(sentence: str) -> str | None:
    """The subject code of a mention, whatever the language it is in; None for any other sentence."""
    return _subjects().get(sentence)


def identity(party: Party, language: str) -> str:
    """Who an issuer is before the law: legal form, capital, registration, SIREN or SIRET, VAT number."""
    form = party.legal_form
    if form and party.capital:
        form = _("{form}, capital of {amount}").format(form=form, amount=party.capital).in_language(language)
    numbers = {
        "SIRET": party.siret,
        "SIREN": None if party.siret else party.siren,
        _("VAT").in_language(language): party.vat_number,
    }
    shown = [f"{name} {number}" for name, number in numbers.items() if number]
    return " - ".join(part for part in (form, party.registration, *shown) if part)


@lru_cache(maxsize=1)
def _subjects() -> Mapping[str, str]:
    return {
        mention.text.in_language(language): mention.subject
        for mention in MENTIONS
        if mention.subject is not None
        for language in LANGUAGES
    }


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
