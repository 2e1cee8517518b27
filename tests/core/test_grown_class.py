"""A plugin without migrations whose class got another field: told, and mended by `plugin upgrade`."""

import pytest
from sqlalchemy.orm import Mapped

from besace import Besace, Entity, entities, fields, hookimpl, reading
from besace.errors import PluginError


def plugin_of(model):
    class Courses:
        """Courses."""

        @hookimpl
        def register_entity_types(self):
            return [model]

    return Courses()


class Course(Entity, type="course"):
    """A course."""

    title: Mapped[str] = fields.text("Title", names_row=True)


class GrownCourse(Entity, type="course"):
    """A course."""

    title: Mapped[str] = fields.text("Title", names_row=True)
    place: Mapped[str | None] = fields.text("Place")


class DemandingCourse(Entity, type="course"):
    """A course."""

    title: Mapped[str] = fields.text("Title", names_row=True)
    seats: Mapped[int] = fields.integer("Seats")


def grown(make_install, model):
    crm = make_install(plugins={"courses": plugin_of(Course)})
    crm.write(lambda work: entities.create(work, "course", title="Law"))
    return Besace.open(crm.folder, user="alice", plugins={"courses": plugin_of(model)})


def test_a_field_without_its_column_puts_the_plugin_in_quarantine(make_install):
    with grown(make_install, GrownCourse) as crm:
        assert "course" not in crm.registry.types
        problem = str(crm.host.quarantine["courses"])
        assert 'its table "course" has no column "place"' in problem
        assert "besace plugin upgrade" in problem


def test_upgrade_adds_the_column_and_keeps_the_rows(make_install):
    with grown(make_install, GrownCourse) as crm:
        assert crm.upgrade() == ["courses"]
        assert crm.host.quarantine == {}
        with crm.read() as work:
            (course,) = reading.page(work, crm.registry.type("course"))
            assert (course.title, course.place) == ("Law", None)
        crm.write(lambda work: entities.create(work, "course", title="Art", place="Paris"))


def test_a_required_field_is_not_invented_for_the_rows_that_are_there(make_install):
    with grown(make_install, DemandingCourse) as crm:
        with pytest.raises(PluginError, match='"course" have no seats, and it is required'):
            crm.upgrade()
        assert "courses" in crm.host.quarantine
