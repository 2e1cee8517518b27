"""Who decides on a deal stays in it: the link to the decision maker cannot be removed."""

from besace import hookimpl, translator
from besace.errors import Refused

_ = translator(__name__)

requires = ("opportunities",)


@hookimpl
def check_unlink(work, links):
    for link in links:
        if link.type == "involved_in" and link.attributes.get("role") == "decision_maker":
            raise Refused(
                _("Contact {contact} decides on opportunity {deal}.").format(
                    contact=link.subject_id, deal=link.object_id
                ),
                _("Give another role first: besace link {contact} involved_in {deal} --set role=user").format(
                    contact=link.subject_id, deal=link.object_id
                ),
            )
