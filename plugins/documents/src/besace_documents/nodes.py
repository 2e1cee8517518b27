"""The elements of an electronic document: what has nothing to say leaves none."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element

from besace.money import rounded
from besace_documents.arithmetic import PLACES
from besace_documents.characters import legible

Child = Element | str | None


def node(tag: str, *children: Child, **attributes: str | None) -> Element | None:
    """An element, or None where it would be empty."""
    element = Element(tag, {name: value for name, value in attributes.items() if value is not None})
    for child in children:
        if isinstance(child, str):
            element.text = legible(child) or None
        elif child is not None:
            element.append(child)
    return element if len(element) or element.text else None


def compact(number: str | None) -> str | None:
    """A number of a party as machines write it."""
    return None if number is None else re.sub(r"[\s.]", "", number)


def written(value: Decimal) -> str:
    """A number as XML has it."""
    return format(value, "f")


def amount(value: Decimal) -> str:
    """An amount of money as EN 16931 has it (BR-DEC): with two decimals at most, be its currency one of three.

    What has a third one that says something is not issued.
    """
    exponent = value.as_tuple().exponent
    return written(rounded(value, PLACES) if isinstance(exponent, int) and exponent < -PLACES else value)


def shortest(value: Decimal | None) -> str:
    """A number without loose zeros; none is 0."""
    return format((value or Decimal(0)).normalize(), "f")


def dated(tag: str, day: date | None, form: str = "udt") -> Element | None:
    """An element that holds a day; `form` is the name space that the schema wants for it."""
    if day is None:
        return None
    return node(tag, node(f"{form}:DateTimeString", day.isoformat().replace("-", ""), format="102"))
