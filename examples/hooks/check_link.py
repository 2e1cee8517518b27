"""A contact works for one organisation at most."""

import sqlalchemy as sa

from besace import hookimpl, translator
from besace.errors import Refused
from besace.relations import link_table

_ = translator(__name__)

requires = ("persons",)


@hookimpl
def check_link(work, links):
    jobs = {link.subject_id: link.object_id for link in links if link.type == "works_for"}
    if not jobs:
        return
    found = work.execute(
        sa.select(link_table.c.subject_id, link_table.c.object_id).where(
            link_table.c.type == "works_for", link_table.c.subject_id.in_(jobs)
        )
    )
    for contact, organisation in found:
        if jobs[contact] != organisation:
            raise Refused(
                _("Contact {contact} already works for {organisation}.").format(
                    contact=contact, organisation=organisation
                ),
                _("Remove that link first: besace unlink {contact} works_for {organisation}").format(
                    contact=contact, organisation=organisation
                ),
            )
