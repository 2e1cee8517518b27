"""Companies behind the contacts that fulfil a goal: each once, however many of its people were met."""

import sqlalchemy as sa

from besace import Counter, hookimpl, translator
from besace.reading import untrashed
from besace.relations import link_table

_ = translator(__name__)

requires = ("persons", "commercial_actions")


def companies_behind_contacts(work, action_ids):
    """Pairs of an action and an organisation."""
    met, job = link_table.alias("met"), link_table.alias("job")
    return (
        sa.select(met.c.object_id.label("action_id"), job.c.object_id.label("entity_id"))
        .join_from(met, job, met.c.subject_id == job.c.subject_id)
        .where(met.c.type == "fulfils_goal", met.c.subject_type == "contact", met.c.object_id.in_(action_ids))
        .where(job.c.type == "works_for", untrashed(met.c.subject_id))
        .distinct()
    )


@hookimpl
def register_counters():
    return [Counter("companies_met", _("Companies met"), "organisation", companies_behind_contacts)]
