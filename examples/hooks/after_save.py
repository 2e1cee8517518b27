"""Whoever creates an organisation follows it."""

from besace import RelationType, hookimpl, relations, translator
from besace.relations import Link

_ = translator(__name__)

requires = ("persons",)


@hookimpl
def register_relation_types():
    return [RelationType("follows", _("follows"), _("is followed by"), subjects=("user",))]


@hookimpl
def after_save(work, saves):
    if saves[0].info.key == "organisation" and work.user_id is not None:
        new = [save.id for save in saves if save.old is None]
        relations.link_many(work, [Link(work.user_id, "follows", organisation) for organisation in new])
