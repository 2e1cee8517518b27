"""`python3 run.py bench`: each line is ours, the raw driver's, and the ratio; the median of several rounds.

Seconds differ from machine to machine and from hour to hour; the ratios hold. Nothing here passes or fails.
"""

import contextlib
import itertools
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

from sqlalchemy.orm import Mapped

from besace import Besace, Entity, entities, fields, hookimpl, reading, relations
from besace.operations import run as run_operation
from besace.relations import Link
from besace_documents.arithmetic import Line, Vat, total
from besace_documents.content import Content, ContentLine, Party
from besace_documents.conversions import create_document, invoice_quote
from besace_documents.factur_x import factur_x
from besace_documents.models import Quote
from besace_documents.operations import send
from besace_documents.pdf import pdf, typeset
from besace_documents.sheet import sheet

ROWS = 5_000
ACTIONS = 1_000
ROUNDS = 5
PLUGINS = ("persons", "opportunities", "commercial_actions")
SHIPPED = (*PLUGINS, "documents", "activities", "products", "attachments", "demo")
TYPES = 60
INVOICES = 100


def timed(work: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compare(name: str, ours: Callable[[], object], raw: Callable[[], object]) -> None:
    """Print the median of each and their ratio, measured in turn."""
    pairs = [(timed(ours), timed(raw)) for _round in range(ROUNDS)]
    mine, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(f"{name:<44} {mine * 1000:>9.1f} ms {theirs * 1000:>9.1f} ms {mine / theirs:>7.1f} x")


def raw_tables(raw: sqlite3.Connection) -> None:
    """The least that holds the same facts."""
    raw.executescript(
        "CREATE TABLE organisation (id INTEGER PRIMARY KEY, name TEXT, owner INTEGER, created TEXT);"
        "CREATE TABLE link (subject INTEGER, type TEXT, object INTEGER, PRIMARY KEY (subject, type, object))"
        " WITHOUT ROWID; CREATE INDEX link_object ON link (object, type, subject);"
    )


def raw_write(raw: sqlite3.Connection, statement: str, rows: list[tuple]) -> None:
    """Write rows in one transaction."""
    with raw:
        raw.executemany(statement, rows)


def main() -> None:
    """Run all benchmarks."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        crm = Besace.init(path / "install", user="bench", enable=PLUGINS)
        raw = sqlite3.connect(path / "raw.sqlite3")
        raw.execute("PRAGMA journal_mode = WAL")
        raw_tables(raw)
        print(f"{'':<44} {'ours':>12} {'raw driver':>12} {'ratio':>9}")
        writing(crm, raw)
        reading_back(crm, raw, path / "install" / "besace.sqlite3")
        administering(path)
        invoicing(path, raw)
        printing()
        crm.close()
        raw.close()


def invoicing(path: Path, raw: sqlite3.Connection) -> None:
    """A quote of a hundred lines, and the invoice that is made of it."""
    crm = Besace.init(path / "documents", user="bench", enable=["persons", "documents"])
    raw.execute("CREATE TABLE line (id INTEGER PRIMARY KEY, document INTEGER, name TEXT, price INTEGER, net INTEGER)")
    us, customer = (
        crm.write(lambda work, name=name: entities.create(work, "organisation", name=name, ours=name == "Us").id)
        for name in ("Us", "Customer")
    )
    lines = [{"name": f"Article {n}", "unit_price": "19.99", "quantity": "2"} for n in range(100)]
    quotes: list[int] = []

    def quote() -> None:
        given = {"customer": customer, "issuer": us}
        quotes.append(crm.write(lambda work: create_document(work, Quote, given, lines).id))

    def invoice() -> None:
        crm.write(lambda work: invoice_quote(work, reading.get(work, Quote, quotes[-1]), again=True).id)

    def rows() -> None:
        raw_write(raw, "INSERT INTO line (document, name, price, net) VALUES (1, ?, 1999, 3998)", [("A",)] * 100)

    compare("create a quote of 100 lines, with history", quote, rows)
    crm.write(lambda work: send(work, reading.get(work, Quote, quotes[-1])).id)
    compare("make an invoice of it", invoice, rows)
    crm.close()


def an_invoice(number: int) -> Content:
    """An invoice of five lines."""
    vat = Vat("S", Decimal(20))
    totals = total([Line(Decimal(2), Decimal("19.99"), vat)] * 5)
    lines = [
        ContentLine(f"Article {i}", Decimal(2), "C62", Decimal("19.99"), Decimal(1), vat, net)
        for i, net in enumerate(totals.line_nets)
    ]
    us = Party("Us", "1 street", "69002", "Lyon", "FR", siren="732829320", vat_number="FR44732829320")
    day = date(2026, 3, 14)
    return Content(
        "invoice", f"F-{number}", day, "EUR", us, Party("Customer", "2 street", country="FR"), lines, [], totals, day
    )


def printing() -> None:
    """Documents as PDF against what typst alone needs, and as Factur-X against the PDF alone."""
    numbers = itertools.count()

    def invoices() -> list[Content]:
        return [an_invoice(next(numbers)) for _each in range(INVOICES)]

    def ready() -> Callable[[], object]:
        """The same, with all texts there already."""
        texts = [sheet(content, "fr") for content in invoices()]
        return lambda: [typeset(each, date(2026, 3, 14)) for each in texts]

    fresh, prepared, again = ([make() for _each in range(ROUNDS)] for make in (invoices, ready, invoices))
    compare(
        f"{INVOICES} invoices as PDF, against typst alone",
        lambda: [pdf(content, "fr") for content in fresh.pop()],
        lambda: prepared.pop()(),
    )
    compare(
        f"{INVOICES} invoices as Factur-X, against PDF alone",
        lambda: [factur_x(content, "fr") for content in again[-1]],
        lambda: [pdf(content, "fr") for content in again.pop()],
    )


def writing(crm: Besace, raw: sqlite3.Connection) -> None:
    """Creating with history, and linking."""
    rows = [{"name": f"Company {i}"} for i in range(ROWS)]
    made: list[int] = []
    compare(
        f"create {ROWS:,} organisations, with history",
        lambda: made.extend(crm.write(lambda work: entities.create_many(work, "organisation", rows))),
        lambda: raw_write(
            raw,
            "INSERT INTO organisation (name, owner, created) VALUES (?, 1, '2026-01-01')",
            [(r["name"],) for r in rows],
        ),
    )
    plan = [{"title": f"Action {i}", "start_date": "2026-01-01", "end_date": "2026-12-31"} for i in range(ACTIONS)]
    actions = crm.write(lambda work: entities.create_many(work, "commercial_action", plan))
    crm.write(lambda work: add_objectives(work, actions))
    rounds = iter(range(ROUNDS))
    pairs = [[(made[i], actions[(i + shift * 7) % ACTIONS]) for i in range(ROWS)] for shift in range(ROUNDS)]
    raw_rounds = iter(range(ROUNDS))

    def link() -> None:
        links = [Link(subject, "fulfils_goal", action) for subject, action in pairs[next(rounds)]]
        crm.write(lambda work: relations.link_many(work, links))

    compare(
        f"link {ROWS:,} of them to {ACTIONS:,} actions",
        link,
        lambda: raw_write(raw, "INSERT INTO link VALUES (?, 'fulfils_goal', ?)", pairs[next(raw_rounds)]),
    )


def add_objectives(work: object, actions: list[int]) -> None:
    """Three objectives for each action."""
    add = work.crm.registry.operations["objective", "add"]  # type: ignore[attr-defined]
    for action in actions:
        for counts, condition in (("organisation", None), ("opportunity", "won"), ("opportunity", None)):
            given = {"action": str(action), "name": "Goal", "target": "10", "count": counts, "condition": condition}
            run_operation(work, add, {}, [], {k: v for k, v in given.items() if v})  # type: ignore[arg-type]


def reading_back(crm: Besace, raw: sqlite3.Connection, database: Path) -> None:
    """The progress of all actions, a page of a list, and one entity."""

    def compared() -> None:
        with crm.read() as work:
            run_operation(work, crm.registry.operations["commercial_action", "compare"], {}, [], {})

    joined = "link JOIN organisation o ON o.id = subject"
    count = f"SELECT object, count(*) FROM {joined} WHERE type = 'fulfils_goal' GROUP BY object"
    compare(f"progress of {ACTIONS:,} actions, 3 objectives each", compared, lambda: raw.execute(count).fetchall())

    def page() -> None:
        with crm.read() as work:
            reading.page(work, crm.registry.type("organisation"), where='name ~ "company 49"', sort="label")

    other = sqlite3.connect(database)
    listed = (
        "SELECT * FROM entity WHERE type = 'organisation' AND label_key LIKE '%company 49%' ORDER BY label_key LIMIT 50"
    )
    compare("a page of 50 by a condition, sorted", page, lambda: other.execute(listed).fetchall())
    other.close()


class Many:
    """As many types as a large install has, each with a few fields."""

    def __init__(self) -> None:
        self.types = [self.type_of(number) for number in range(TYPES)]

    @staticmethod
    def type_of(number: int) -> type[Entity]:
        """One of them."""

        class Bench(Entity, type=f"bench_{number}", label=f"Bench {number}", plural="Benches"):
            """A type of the benchmark."""

            title: Mapped[str] = fields.text("Title", names_row=True)
            day: Mapped[object | None] = fields.date("Day")
            price: Mapped[object | None] = fields.money("Price")
            kind: Mapped[object | None] = fields.entity("Kind")

        return Bench

    @hookimpl
    def register_entity_types(self) -> list[type[Entity]]:
        """All of them."""
        return self.types


def administering(path: Path) -> None:
    """Making an install, opening one with many types, and a command; against the same tables, a file, Python alone."""
    numbers = itertools.count()

    def init() -> None:
        Besace.init(path / f"init{next(numbers)}", user="bench", enable=SHIPPED).close()

    with contextlib.closing(sqlite3.connect(path / "install" / "besace.sqlite3")) as database:
        tables = ";".join(row[0] for row in database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL "
                                                             "AND name <> 'sqlite_sequence'"))  # fmt: skip

    def make() -> None:
        with contextlib.closing(sqlite3.connect(path / f"raw{next(numbers)}.sqlite3")) as database:
            database.executescript(f"BEGIN; {tables}; COMMIT")

    compare(f"init with {len(SHIPPED)} plugins", init, make)
    plugins = {"many": Many()}
    Besace.init(path / "many", user="bench", enable=["many"], plugins=plugins).close()

    def read_master() -> None:
        with contextlib.closing(sqlite3.connect(path / "many" / "besace.sqlite3")) as database:
            database.execute("SELECT * FROM sqlite_master").fetchall()

    compare(
        f"open an install with {TYPES} types",
        lambda: Besace.open(path / "many", user="bench", plugins=plugins).close(),
        read_master,
    )
    listing = [sys.executable, "-m", "besace", "--install", str(path / "install"), "--as", "bench", "plugin", "list"]
    compiled = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}  # as on a user's machine
    compare(
        "besace plugin list, against Python alone",
        lambda: subprocess.run(listing, check=True, capture_output=True, env=compiled),
        lambda: subprocess.run([sys.executable, "-c", "pass"], check=True, env=compiled),
    )


if __name__ == "__main__":
    main()
