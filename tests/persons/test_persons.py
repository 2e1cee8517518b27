import pytest

from besace import entities, reading, relations
from besace.errors import InvalidValue, Refused

SIREN, SIRET = "732829320", "73282932000074"


def organisation(crm, **values):
    return crm.write(lambda work: entities.create(work, "organisation", **{"name": "SNCF", **values}))


def test_an_organisation_is_named_by_its_name(crm):
    assert organisation(crm, sector="transport", website="sncf.com").label == "SNCF"


def test_a_contact_is_named_by_first_and_last_name(crm):
    made = crm.write(lambda work: entities.create(work, "contact", first_name="Anne", last_name="Le Goff"))
    assert made.label == "Anne Le Goff"


def test_a_contact_needs_a_last_name_alone(crm):
    assert crm.write(lambda work: entities.create(work, "contact", last_name="Le Goff")).label == "Le Goff"
    with pytest.raises(Refused, match="Last name is required"):
        crm.write(lambda work: entities.create(work, "contact", first_name="Anne"))


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("siren", "732 829 320", SIREN),
        ("siren", "732.829.320", SIREN),
        ("siret", "732 829 320 00074", SIRET),
        ("vat_number", "fr 44 732 829 320", "FR44732829320"),
        ("vat_number", "CHE-107.787.577 IVA", "CHE107787577IVA"),
        ("vat_number", "GB 980 7806 84", "GB980780684"),
    ],
)
def test_numbers_are_kept_without_spaces_and_dots(crm, field, typed, kept):
    assert getattr(organisation(crm, **{field: typed}), field) == kept


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("siren", "732829321", '"732829321" is not a SIREN. Expected nine digits'),
        ("siren", "SNCF", '"SNCF" is not a SIREN'),
        ("siret", "73282932000075", "is not a SIRET. Expected fourteen digits"),
        ("vat_number", "FR 45 732 829 320", "is not a VAT number. Expected the two letters of the country"),
        ("vat_number", "44732829320", "is not a VAT number"),
        ("vat_number", "XX123", "is not a VAT number"),
    ],
)
def test_a_wrong_number_gets_a_sentence(crm, field, typed, sentence):
    with pytest.raises(InvalidValue, match=sentence):
        organisation(crm, **{field: typed})


def test_a_siret_gives_the_siren(crm):
    assert organisation(crm, siret=SIRET).siren == SIREN


def test_a_siret_begins_with_the_siren(crm):
    with pytest.raises(Refused, match="does not begin with the SIREN 552100554"):
        organisation(crm, siret=SIRET, siren="552100554")


def test_ours_is_a_condition(crm):
    organisation(crm, name="Us", ours=True)
    organisation(crm)
    with crm.read() as work:
        found = reading.page(work, work.crm.registry.type("organisation"), where="ours")
        assert [o.label for o in found] == ["Us"]


@pytest.mark.parametrize(
    ("subject", "relation", "object_", "allowed"),
    [
        ("contact", "works_for", "organisation", True),
        ("organisation", "works_for", "organisation", False),
        ("contact", "manages", "contact", True),
        ("contact", "manages", "organisation", True),
        ("organisation", "manages", "contact", False),
        ("contact", "customer_of", "organisation", True),
        ("organisation", "customer_of", "organisation", True),
        ("organisation", "customer_of", "contact", False),
        ("organisation", "prospect_of", "organisation", True),
        ("organisation", "subsidiary_of", "organisation", True),
        ("contact", "subsidiary_of", "organisation", False),
    ],
)
def test_E3_relations_take_their_types(crm, subject, relation, object_, allowed):
    def unit(work):
        one = entities.create(work, subject, **{"name" if subject == "organisation" else "last_name": "A"})
        two = entities.create(work, object_, **{"name" if object_ == "organisation" else "last_name": "B"})
        return relations.link(work, one, relation, two)

    if allowed:
        assert crm.write(unit)
    else:
        with pytest.raises(Refused, match="cannot be the"):
            crm.write(unit)
