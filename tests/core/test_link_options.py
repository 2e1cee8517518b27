"""What is created is linked at once, by the options that relation types declare."""

from __future__ import annotations

import pytest

from besace import RelationType, entities, operations, relations, translator
from besace.crud import operations_of
from besace.errors import BesaceError, NotFound, PluginError, Refused, UsageError

from .toys import plugin, toy

_ = translator(__name__)


def relation(key="carries", *, subjects="any", objects="any", **options):
    return RelationType(key, _("carries"), _("is carried by"), subjects, objects, **options)


def declaring(*relation_types, **more):
    return plugin(register_relation_types=lambda: list(relation_types), **more)


@pytest.fixture
def linked(make_install):
    """An install whose relation `carries` gives both sides an option."""
    both = relation(subjects=("gadget",), option="carries", reverse_option="porter")
    return make_install(plugins={"toy": toy, "links": declaring(both)})


def create(crm, type_key="gadget", **given):
    def unit(work):
        info = work.crm.registry.type(type_key)
        return operations.run(work, operations_of(info)["create"], info.fields, [], given).id

    return crm.write(unit)


def related(crm, entity):
    with crm.read() as work:
        return [(r.relation, r.forward, r.id) for r in relations.related(work, entity)]


def test_what_is_created_is_linked_as_the_subject_or_the_object(linked):
    bell, user = create(linked, name="Bell"), create(linked, "user", name="bob")
    drum = create(linked, name="Drum", carries=["gadget:Bell", str(user)])
    assert related(linked, drum) == [("carries", True, bell), ("carries", True, user)]
    tom = create(linked, "user", name="tom", porter=[bell])
    assert related(linked, tom) == [("carries", False, bell)]


def test_one_value_is_as_good_as_a_list_of_one(linked):
    bell = create(linked, name="Bell")
    assert related(linked, create(linked, name="Drum", carries="gadget:Bell")) == [("carries", True, bell)]


def test_E2_the_same_one_named_twice_is_one_link(linked):
    bell = create(linked, name="Bell")
    drum = create(linked, name="Drum", carries=[bell, "gadget:Bell"])
    assert related(linked, drum) == [("carries", True, bell)]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"carries": ["gadget:Nobody"]}, NotFound),
        ({"carries": ["99999"]}, NotFound),
        ({"carries": ["Bell"]}, UsageError),
        ({"porter": ["user:alice"]}, UsageError),
        ({"porter": [1]}, Refused),
    ],
)
def test_E3_a_refused_link_stores_nothing(linked, given, error):
    bell = create(linked, name="Bell")
    with pytest.raises(error):
        create(linked, name="Drum", **{"carries": [bell]} | given)
    with linked.read() as work:
        assert len(operations.run(work, operations_of(_gadgets(work))["list"], {}, [], {}).rows) == 1
    assert related(linked, bell) == []


def _gadgets(work):
    return work.crm.registry.type("gadget")


def test_hooks_see_the_link_and_may_refuse_it(make_install):
    def refuse(work, links):
        raise Refused(_("Not so many."))

    crm = make_install(plugins={"toy": toy, "links": declaring(relation(option="carries"), check_link=refuse)})
    bell = create(crm, name="Bell")
    with pytest.raises(Refused, match="Not so many"):
        create(crm, name="Drum", carries=[bell])
    with crm.read() as work:
        assert len(operations.run(work, operations_of(_gadgets(work))["list"], {}, [], {}).rows) == 1


def test_many_links_cost_as_much_as_one(linked, count_statements):
    def cost(names):
        with linked.write() as work, count_statements(work) as seen:
            info = work.crm.registry.type("gadget")
            ids = [entities.create(work, "gadget", name=name).id for name in names]
            seen.sql.clear()
            operations.run(work, operations_of(info)["create"], info.fields, [], {"name": "X", "carries": ids})
        return seen.count

    assert cost(["a", "b"]) == cost([f"c{n}" for n in range(20)])


def test_an_option_waits_for_a_type_that_it_may_name(make_install):
    absent = relation(objects=("spaceship",), option="flies")
    crm = make_install(plugins={"toy": toy, "links": declaring(absent)})
    assert "flies" not in [p.name for p in operations_of(crm.registry.type("gadget"))["create"].parameters]
    with pytest.raises(UsageError, match='has no option "flies"'):
        create(crm, name="Bell", flies=["1"])


@pytest.mark.parametrize(
    ("relation_types", "words"),
    [
        (
            [relation(option="colour")],
            'The option "gadget create --colour" is declared by the plugin "toy" and by the plugin "links".',
        ),
        (
            [relation(reverse_option="owner")],
            'The option "user create --owner" is declared by the plugin "core" and by the plugin "links".',
        ),
        (
            [relation(option="json")],
            'The option "user create --json" is declared by the plugin "core" and by the plugin "links".',
        ),
        (
            [relation(option="bears"), relation("likes", reverse_option="bears")],
            'The option "user create --bears" is declared by the plugin "links" and by the plugin "links".',
        ),
    ],
)
def test_an_option_that_is_taken_is_refused(make_install, relation_types, words):
    with pytest.raises(BesaceError) as caught:
        make_install(plugins={"toy": toy, "links": declaring(*relation_types)})
    assert words in str(caught.value)


def test_a_later_type_cannot_have_a_field_named_like_an_option(make_install):
    links = declaring(relation(option="shelf_mark"))
    crm = make_install(plugins={"links": links})

    from sqlalchemy.orm import Mapped

    from besace import Entity, fields

    class Book(Entity, type="book"):
        shelf_mark: Mapped[str] = fields.text("Shelf mark", names_row=True)

    with pytest.raises(PluginError, match='"book create --shelf-mark" is declared by the plugin "links" and by'):
        crm.registry.add(_declarations("books", [Book]))
    assert "book" not in crm.registry.types


def _declarations(name, types):
    from besace.types import Declarations

    return Declarations(name, types=types)


def test_an_option_has_the_form_of_a_key():
    with pytest.raises(TypeError, match='"Fulfils it" of the relation "carries" cannot be an option'):
        relation(option="Fulfils it")
