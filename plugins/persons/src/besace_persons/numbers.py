"""The numbers that identify an organisation: checked by python-stdnum, kept without spaces and dots."""

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
