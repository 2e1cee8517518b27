from datetime import date

import pytest

from besace import entities, operations, reading, settings

TODAY = date(2026, 3, 14)


class Desk:
    """An install with a customer in it, and short ways to what the tests do over and over."""

    def __init__(self, crm):
        self.crm = crm
        self.target = self.create("organisation", name="SNCF")

    def create(self, type_key, **values):
        return self.crm.write(lambda work: entities.create(work, type_key, **values).id)

    def deal(self, **values):
        """The id of a new deal with the customer."""
        given = {"name": "CRM for SNCF", "target": self.target, **values}
        return self.create("opportunity", **given)

    def deals(self, *rows):
        """The ids of deals that are created as one batch."""
        given = [{"name": "Deal", "target": self.target, **row} for row in rows]
        return self.crm.write(lambda work: entities.create_many(work, "opportunity", given))

    def do(self, deal_id, verb, **given):
        """Run an operation as a door does; the id of its result."""

        def unit(work):
            info = work.crm.registry.type("opportunity")
            deal = reading.get(work, "opportunity", deal_id)
            return operations.run(work, info.operations[verb], info.fields, [deal], given).id

        return self.crm.write(unit)

    def edit(self, deal_id, **values):
        return self.crm.write(lambda work: entities.edit(work, reading.get(work, "opportunity", deal_id), **values).id)

    def values(self, deal_id):
        """The values of a deal: amounts as Money, items by key, references by id."""
        with self.crm.read() as work:
            return entities.read_values(work, work.crm.registry.type("opportunity"), [deal_id])[deal_id]

    def end(self, deal_id):
        """What a deal keeps of its end, amounts as text."""
        values = self.values(deal_id)
        final = values["final_revenue"]
        return values["phase"], values["close_date"], final and str(final), values["loss_reason"]

    def steps(self, deal_id):
        """The phase history of a deal, amounts as text."""
        from besace_opportunities.blocks import steps_of

        with self.crm.read() as work:
            steps = steps_of(work, reading.get(work, "opportunity", deal_id))
        return [
            (
                s.from_phase and s.from_phase.key,
                s.to_phase.key,
                s.at,
                s.by.label,
                s.amount and str(s.amount),
                s.probability,
                s.reason,
            )
            for s in steps
        ]

    def sum(self, measure, **given):
        with self.crm.read() as work:
            (row,) = reading.count(work, work.crm.registry.type("opportunity"), sum=measure, **given)
            return {currency: str(total.amount) for currency, total in row.sum.items()}

    def found(self, where):
        with self.crm.read() as work:
            return [o.id for o in reading.page(work, work.crm.registry.type("opportunity"), where=where)]

    def set(self, key, value):
        self.crm.write(lambda work: settings.change(work, key, value))


@pytest.fixture
def desk(make_install):
    return Desk(make_install("persons", "opportunities"))
