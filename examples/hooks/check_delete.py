"""An organisation to which one is selling cannot be moved to the trash."""

from besace import hookimpl, reading, translator
from besace.errors import Refused

_ = translator(__name__)

requires = ("opportunities",)


@hookimpl
def check_delete(work, entities):
    deals = work.crm.registry.type("opportunity")
    for entity in entities:
        if entity.type != "organisation":
            continue
        for deal in reading.page(work, deals, where=f"open and target = {entity.id}", limit=1):
            raise Refused(
                _('"{organisation}" is the target of "{deal}", which is open.').format(
                    organisation=entity.label, deal=deal.label
                ),
                _("End that first: besace opportunity cancel {id}").format(id=deal.id),
            )
