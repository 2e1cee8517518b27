import pytest
import sqlalchemy as sa

from besace import bin, entities, reading, settings
from besace.errors import NotFound, Refused
from besace.model import trash
from besace_persons.own import own_organisation


@pytest.fixture
def us(crm):
    return crm.write(lambda work: entities.create(work, "organisation", name="Us", ours=True).id)


def choose(crm, value):
    return crm.write(lambda work: settings.change(work, "own_organisation", value))


def own(crm):
    with crm.read() as work:
        return own_organisation(work)


def test_no_organisation_is_the_installs_own_at_first(crm):
    assert own(crm) is None


@pytest.mark.parametrize("typed", ["Us", "organisation:us", None])
def test_the_own_organisation_is_named_by_label_or_id(crm, us, typed):
    assert choose(crm, typed or str(us)) == us
    assert own(crm) == us


def test_the_own_organisation_is_one_of_ours(crm):
    crm.write(lambda work: entities.create(work, "organisation", name="SNCF"))
    with pytest.raises(Refused, match=r"not one of ours\. Say first that it is: besace organisation edit"):
        choose(crm, "SNCF")
    assert own(crm) is None


def test_the_own_organisation_exists(crm):
    with pytest.raises(NotFound, match="no Organisation 999"):
        choose(crm, 999)


def test_the_own_organisation_stays_one_of_ours(crm, us):
    choose(crm, us)
    with pytest.raises(Refused, match="stays one of ours"):
        crm.write(lambda work: entities.edit(work, reading.get(work, "organisation", us), ours=False))


def test_another_of_ours_may_become_another_firm(crm, us):
    edited = crm.write(lambda work: entities.edit(work, reading.get(work, "organisation", us), ours=False))
    assert edited.ours is False


def test_it_is_not_deleted_while_it_is_the_installs_own(crm, us):
    choose(crm, us)
    other = crm.write(lambda work: entities.create(work, "organisation", name="Other").id)
    with pytest.raises(Refused) as refused:
        crm.write(lambda work: bin.delete(work, [other, us]))
    assert str(refused.value) == (
        f'Organisation {us} "Us" cannot be deleted: the setting "own_organisation" names it. '
        'Set another first, or none: besace config set own_organisation ""'
    )
    assert own(crm) == us
    choose(crm, "")
    crm.write(lambda work: bin.delete(work, [other, us]))


@pytest.fixture
def deleted_before(crm, us):
    """The install's own organisation in the trash, as deleting it left it before that was refused."""
    choose(crm, us)
    crm.write(lambda work: work.execute(sa.insert(trash).values(entity_id=us, at=work.now, change_id=work.change_id)))
    return us


def test_in_the_trash_it_is_the_installs_own_no_more(crm, deleted_before):
    assert own(crm) is None


def test_it_is_not_purged_while_it_is_the_installs_own(crm, deleted_before):
    with pytest.raises(Refused, match=r'the setting "own_organisation" names it.*config set own_organisation ""'):
        crm.write(lambda work: bin.purge(work, deleted_before))
    choose(crm, "")
    crm.write(lambda work: bin.purge(work, deleted_before))
    assert crm.write(lambda work: reading.found_entities(work, [deleted_before])) == {}
