"""Column types: values that no SQL type holds alike on every engine."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from besace.money import in_units

Bytewise = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""The type of a column of keys, which are sorted by their bytes whatever the language of the server."""


class Scaled(sa.types.TypeDecorator[Decimal]):
    """A decimal kept as a whole number of its smallest step: exact on every engine."""

    impl = sa.BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        """The number of steps."""
        return None if value is None else in_units(Decimal(value), self.places)

    def process_result_value(self, value: Any, dialect: Any) -> Decimal | None:
        """The decimal of so many steps."""
        return None if value is None else Decimal(int(value)).scaleb(-self.places)


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A moment, kept in UTC."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        """The moment in UTC, without its zone: SQLite keeps none."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Any) -> datetime | None:
        """The moment, with its zone."""
        return None if value is None else value.replace(tzinfo=UTC)
