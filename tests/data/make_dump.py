"""Write what an install of this version holds to a file, so that later versions prove that they can upgrade it.

    .venv/bin/python -m tests.data.make_dump

Run once for each released version, and the file kept: tests/data/install_VERSION.sql. SQLite's own statements,
which any later version can load; the tables of all shipped plugins, with rows of every sort in them.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from besace import Besace, entities, lists, parts, relations
from besace.bin import delete
from besace.operations import run as run_operation
from besace.version import VERSION

PLUGINS = ("persons", "opportunities", "commercial_actions", "documents", "demo")


def fill(work: Any) -> None:
    """Rows of every sort: links, parts, stored conditions, documents with numbers, a renamed item, the trash."""
    from besace_commercial_actions.models import Objective

    registry = work.crm.registry
    lists.edit(work, "sales_phase", "proposal", label="Offer sent")
    lists.add(work, "segment", "museums", label="Museums")
    ours = entities.create(work, "organisation", name="Ours", ours=True, siret="73282932000074")
    sncf = entities.create(work, "organisation", name="SNCF", sector="transport")
    gone = entities.create(work, "organisation", name="Gone")
    buyer = entities.create(work, "contact", last_name="Morel", email="morel@example.com")
    relations.link(work, buyer, "works_for", sncf)
    deal = entities.create(work, "opportunity", name="CRM", target=sncf, expected_revenue=60000, phase="proposal")
    lost = entities.create(work, "opportunity", name="Old CRM", target=sncf, phase="lost", loss_reason="price")
    entities.create(work, "opportunity", name="Portal", target=buyer, expected_revenue=500, phase="won")
    relations.link(work, buyer, "involved_in", deal, role="buyer")
    relations.link(work, deal, "follows_up", lost)
    fair = entities.create(
        work, "commercial_action", title="Fair", action_type="trade_fair", segment="museums", planned_cost=8000,
        start_date=date(2026, 3, 1), end_date=date(2026, 3, 31),
    )  # fmt: skip
    relations.link(work, deal, "fulfils_goal", fair)
    relations.link(work, lost, "fulfils_goal", fair)
    parts.add(work, Objective, fair.id, name="Deals", target=3, counts="opportunity", condition="won")
    parts.add(work, Objective, fair.id, name="Offers", target=2, counts="opportunity", where="phase = proposal")
    parts.add(work, Objective, fair.id, name="Handshakes", target=10)
    for key, verb in (("quote", "send"), ("invoice", "issue")):
        document = entities.create(work, key, customer=sncf, issuer=ours, net=100, vat=20)
        run_operation(work, registry.type(key).operations[verb], registry.type(key).fields, [document], {})
    delete(work, [gone.id])


def main() -> None:
    """Make the install and write its dump."""
    os.environ["BESACE_TODAY"] = "2026-03-14"
    target = Path(__file__).with_name(f"install_{VERSION}.sql")
    with tempfile.TemporaryDirectory() as folder:
        crm = Besace.init(Path(folder) / "install", user="alice", enable=PLUGINS)
        crm.write(fill)
        crm.close()
        with contextlib.closing(sqlite3.connect(Path(folder) / "install" / "besace.sqlite3")) as database:
            target.write_text("\n".join(database.iterdump()) + "\n", encoding="utf-8")
    print(target)


if __name__ == "__main__":
    main()
