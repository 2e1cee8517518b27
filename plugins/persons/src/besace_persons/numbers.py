"""The numbers that identify an organisation and its bank account, and the codes of countries: checked, and tidied."""

from __future__ import annotations

from besace.errors import InvalidValue
from besace.texts import translator

_ = translator(__name__)


def siren(text: str) -> str:
    """A SIREN, the nine digits of a French organisation; raises InvalidValue."""
    from stdnum.exceptions import ValidationError
    from stdnum.fr import siren as numbers

    try:
        return str(numbers.validate(text.replace(".", " ")))
    except ValidationError:
        raise InvalidValue(
            _('"{text}" is not a SIREN.').format(text=text),
            _("Expected nine digits of which the last checks the others, for example 732 829 320."),
        ) from None


def siret(text: str) -> str:
    """A SIRET, the SIREN and the five digits of one of its establishments; raises InvalidValue."""
    from stdnum.exceptions import ValidationError
    from stdnum.fr import siret as numbers

    try:
        return str(numbers.validate(text))
    except ValidationError:
        raise InvalidValue(
            _('"{text}" is not a SIRET.').format(text=text),
            _("Expected fourteen digits of which the last checks the others, for example 732 829 320 00074."),
        ) from None


def vat_number(text: str) -> str:
    """A VAT number with its country's two letters first; raises InvalidValue.

    Those of a country whose numbers python-stdnum does not know cannot be checked, and are refused.
    """
    from stdnum import get_cc_module
    from stdnum.eu import vat
    from stdnum.exceptions import ValidationError
    from stdnum.util import clean

    number = clean(text, " .-/").upper()
    country = number[:2].lower()
    in_union = country in vat.MEMBER_STATES or country == "el"
    numbers = vat if in_union else get_cc_module(country, "vat") if country.isalpha() else None
    # Outside the Union some numbers begin with their country by nature (CHE...), others only here.
    for form in (number,) if in_union else (number, number[2:]):
        try:
            if numbers is not None:
                return country.upper() + str(numbers.validate(form)).removeprefix(country.upper())
        except ValidationError:
            continue
    raise InvalidValue(
        _('"{text}" is not a VAT number.').format(text=text),
        _("Expected the two letters of the country, then its number, for example FR 44 732 829 320."),
    )


def iban(text: str) -> str:
    """The number of a bank account; raises InvalidValue."""
    from stdnum import iban as numbers
    from stdnum.exceptions import ValidationError

    try:
        return str(numbers.validate(text))
    except ValidationError:
        raise InvalidValue(
            _('"{text}" is not an IBAN.').format(text=text),
            _("Expected the letters and digits of a bank account, for example FR14 2004 1010 0505 0001 3M02 606."),
        ) from None


def bic(text: str) -> str:
    """The code of a bank; raises InvalidValue."""
    from stdnum import bic as numbers
    from stdnum.exceptions import ValidationError

    try:
        return str(numbers.validate(text))
    except ValidationError:
        raise InvalidValue(
            _('"{text}" is not a BIC.').format(text=text),
            _("Expected eight or eleven letters and digits, for example BNPAFRPP."),
        ) from None


def country(text: str) -> str:
    """The two letters of a country, as ISO 3166 gives them; raises InvalidValue."""
    from babel import Locale

    code = text.strip().upper()
    if len(code) != 2 or code not in Locale("en").territories or code in _NO_COUNTRIES:
        raise InvalidValue(
            _('"{text}" is not the code of a country.').format(text=text),
            _("Expected its two letters, for example FR."),
        )
    return code


_NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"})
"""Codes of two letters that CLDR knows besides those of countries."""
