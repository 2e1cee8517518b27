"""A contact without a telephone number gets that of the organisation where he or she starts to work."""

from besace import entities, hookimpl

requires = ("persons",)


@hookimpl
def after_link(work, links):
    jobs = {link.subject_id: link.object_id for link in links if link.type == "works_for"}
    if not jobs:
        return
    registry = work.crm.registry
    contacts = entities.read_values(work, registry.type("contact"), list(jobs))
    organisations = entities.read_values(work, registry.type("organisation"), list(set(jobs.values())))
    phones = {
        contact: organisations[organisation]["phone"]
        for contact, organisation in jobs.items()
        if contact in contacts and not contacts[contact]["phone"] and organisations[organisation]["phone"]
    }
    entities.edit_many(work, "contact", {contact: {"phone": phone} for contact, phone in phones.items()})
