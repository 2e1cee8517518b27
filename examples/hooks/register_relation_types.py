"""Who recommended whom, with the day."""

from besace import RelationType, fields, hookimpl, translator

_ = translator(__name__)


@hookimpl
def register_relation_types():
    return [
        RelationType(
            "recommends",
            _("recommends"),
            _("is recommended by"),
            subjects=("contact", "organisation"),
            objects=("organisation",),
            attributes={"on": fields.date(_("On"), help=_("When it was said."))},
            option="recommends",
            reverse_option="recommended_by",
        )
    ]
