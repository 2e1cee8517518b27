"""An organisation that every install with this plugin has."""

from besace import Seed, entities, hookimpl, reading

requires = ("persons",)


def add_the_chamber(work):
    """Add it once: a seed runs again whenever the plugin is enabled or upgraded."""
    info = work.crm.registry.type("organisation")
    if not reading.page(work, info, where='name = "Chamber of commerce"', limit=1):
        entities.create(work, "organisation", name="Chamber of commerce")


@hookimpl
def register_seeds():
    return [Seed("chamber", add_the_chamber)]
