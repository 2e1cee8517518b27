"""Rule E6: labels of ours in the reader's language, keys in the database, what is typed shown as typed."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from besace import Money, entities, lists, reading, settings, translator
from besace.errors import BesaceError, InvalidValue, NotFound, Refused, UsageError
from besace.texts import Text, fold, in_language, joined


@pytest.fixture
def mark(tmp_path, monkeypatch):
    """The translator of a package with a French catalogue."""
    folder = tmp_path / "toylocale" / "locale" / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (tmp_path / "toylocale" / "__init__.py").write_text("")
    catalogue = Catalog(locale="fr")
    catalogue.add("Low", "Bas")
    catalogue.add("{thing} is {rank}.", "{thing} est {rank}.")
    catalogue.add(("{n} row", "{n} rows"), ("{n} ligne", "{n} lignes"))
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)
    monkeypatch.syspath_prepend(tmp_path)
    import importlib

    importlib.import_module("toylocale")
    yield translator("toylocale.plugin")
    from besace.texts import _catalogue

    _catalogue.cache_clear()
    sys.modules.pop("toylocale")


def test_E6_a_text_is_resolved_in_the_readers_language(mark):
    text = mark("Low")
    assert [text.in_language(language) for language in ("en", "fr", "de")] == ["Low", "Bas", "Low"]


def test_E6_a_missing_translation_stays_as_it_was_written(mark):
    assert mark("High").in_language("fr") == "High"
    assert mark("{x} high").format(x=1).in_language("fr") == "1 high"


def test_E6_texts_within_texts_are_resolved_too(mark):
    text = mark("{thing} is {rank}.").format(thing=mark("Low"), rank=Text("{x}", "").format(x=mark("Low")))
    assert (text.in_language("fr"), str(text)) == ("Bas est Bas.", "Low is Low.")


def test_E6_plurals_follow_the_rules_of_the_language(mark):
    rows = mark("{n} row", "{n} rows")
    assert [rows.format(n=n).in_language("fr") for n in (0, 1, 2)] == ["0 ligne", "1 ligne", "2 lignes"]
    assert [rows.format(n=n).in_language("en") for n in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]


def test_E6_values_are_never_read_as_patterns(mark):
    assert mark("{thing} is {rank}.").format(thing="{rank}", rank="{n}").in_language("fr") == "{rank} est {n}."


def test_E6_an_error_is_a_sentence_and_its_hint_in_the_readers_language(mark):
    error = BesaceError(mark("{n} row", "{n} rows").format(n=2), mark("Low"))
    assert (error.in_language("fr"), str(error)) == ("2 lignes Bas", "2 rows Low")


def test_E6_amounts_and_several_values_are_shown_in_the_language():
    amount = Money.parse("1234.5", "EUR")
    assert in_language(amount, "fr").replace("\N{NO-BREAK SPACE}", " ") == "1 234,50 €"
    assert joined([amount, "x"]).in_language("en") == "€1,234.50, x"


@pytest.mark.parametrize(
    ("text", "key"), [("ÉTÉ", "ete"), ("Straße", "strasse"), ("ﬁn", "fin"), ("Ζεύς", "ζευσ"), ("İ", "i")]
)
def test_texts_are_compared_without_case_and_accents(text, key):
    assert fold(text) == key
    assert fold(fold(text)) == key


# ---- editable lists ---------------------------------------------------------------------------------------


def labels(crm, language="en"):
    with crm.read(language=language) as work:
        return {key: item.in_language(language) for key, item in work.items("rank").items()}


def test_E6_the_database_holds_keys_and_no_text_of_ours(crm):
    with crm.read() as work:
        rows = work.execute(sa.text("SELECT key, labels FROM rank ORDER BY position")).all()
    assert [tuple(row) for row in rows] == [("low", None), ("high", None), ("gone", None)]


def test_E6_shipped_labels_are_resolved_and_typed_ones_shown_as_typed(crm, mark, monkeypatch):
    from dataclasses import replace

    from .toys import Rank

    low = replace(Rank.__items__[0], label=mark("Low"))
    monkeypatch.setattr(Rank, "__items__", (low, *Rank.__items__[1:]))
    assert (labels(crm)["low"], labels(crm, "fr")["low"]) == ("Low", "Bas")
    crm.write(lambda work: lists.edit(work, "rank", "low", label="Poor", label_language="en"))
    assert (labels(crm)["low"], labels(crm, "fr")["low"]) == ("Poor", "Bas")
    crm.write(lambda work: lists.edit(work, "rank", "low", label="Faible", label_language="fr"))
    assert (labels(crm)["low"], labels(crm, "fr")["low"]) == ("Poor", "Faible")
    crm.write(lambda work: lists.edit(work, "rank", "low", label="Minus"))
    assert (labels(crm)["low"], labels(crm, "fr")["low"]) == ("Minus", "Minus")
    crm.write(lambda work: lists.edit(work, "rank", "low", label=""))
    assert (labels(crm)["low"], labels(crm, "fr")["low"]) == ("Low", "Bas")


def test_E6_an_added_item_is_shown_as_typed_in_every_language(crm):
    crm.write(lambda work: lists.add(work, "rank", "best", label=" Top ", weight="99", share="0.5", since="today"))
    assert labels(crm)["best"] == labels(crm, "fr")["best"] == "Top"
    with crm.read() as work:
        item = work.items("rank")["best"]
        assert (item.outcome, item.weight, str(item.share), str(item.since), item.final) == (
            "open",
            99,
            "0.50",
            "2026-03-14",
            False,
        )
    with pytest.raises(InvalidValue, match=r"An item needs a label"):
        crm.write(lambda work: lists.edit(work, "rank", "best", label=" "))


def test_an_item_is_found_by_key_or_label(crm, gadget):
    crm.write(lambda work: lists.edit(work, "rank", "low", label="Écarté", label_language="fr"))
    for text in ("low", "ecarte", "LOW"):
        gadget(rank=text)
    with crm.read() as work:
        assert {g.rank_key for g in reading.page(work, work.crm.registry.type("gadget"))} == {"low"}


def test_a_disabled_item_is_kept_where_it_is_and_not_given_anew(crm, gadget):
    made = gadget(rank="low")
    crm.write(lambda work: lists.edit(work, "rank", "low", disabled=True))
    crm.write(lambda work: entities.edit(work, reading.get(work, "gadget", made), number=1))
    with pytest.raises(
        Refused, match=r'Rank: "Low" is disabled in the list rank. See the others with: besace list show rank'
    ):
        gadget(rank="low")


@pytest.mark.parametrize(
    ("act", "error", "words"),
    [
        (
            lambda w: lists.add(w, "rank", "Low!", label="x"),
            UsageError,
            '"Low!" cannot be the key of an item',
        ),
        (
            lambda w: lists.add(w, "rank", "low", label="x"),
            Refused,
            'The list Ranks already has an item "low"',
        ),
        (lambda w: lists.add(w, "rank", "x", label=""), InvalidValue, "An item needs a label"),
        (
            lambda w: lists.add(w, "rnak", "x", label="x"),
            UsageError,
            'There is no list "rnak". Did you mean rank?',
        ),
        (lambda w: lists.add(w, "rank", "x", label="x", weight=101), Refused, "above the maximum of 100"),
        (
            lambda w: lists.add(w, "rank", "x", label="x", outcome="winning"),
            UsageError,
            "not one of the choices",
        ),
        (lambda w: lists.edit(w, "rank", "lwo", label="x"), NotFound, 'has no item "lwo". Did you mean low?'),
        (lambda w: lists.edit(w, "rank", "low", outcome=""), Refused, "Outcome is required"),
        (lambda w: lists.edit(w, "rank", "low", colour="red"), UsageError, 'There is no field "colour" here'),
        (
            lambda w: settings.change(w, "shlef", "1"),
            UsageError,
            'There is no setting "shlef". Did you mean shelf?',
        ),
        (lambda w: settings.change(w, "shelf", "top"), InvalidValue, 'Shelf: "top" is not a whole number'),
        (lambda w: settings.change(w, "currency", "XYZ"), InvalidValue, 'Currency: "XYZ" is not a currency'),
        (lambda w: settings.change(w, "language", "frr"), BesaceError, "Did you mean fr?"),
    ],
    ids=range(13),
)
def test_a_wrong_item_or_setting_gives_a_sentence_and_stores_nothing(crm, changes, act, error, words):
    before = changes(crm)
    with pytest.raises(error) as refused:
        crm.write(act)
    assert words in str(refused.value)
    assert changes(crm) == before


def test_a_setting_goes_back_to_its_default(crm):
    def shelf():
        with crm.read() as work:
            return work.setting("shelf")

    for given, expected in (("7", 7), (None, 3), (5, 5), ("", 3)):
        assert crm.write(lambda work, given=given: settings.change(work, "shelf", given)) == expected
        assert shelf() == expected


def test_the_order_of_a_list_is_the_administrators(crm):
    crm.write(lambda work: lists.edit(work, "rank", "gone", order=1))
    assert list(labels(crm)) == ["gone", "low", "high"]


def test_uses_of_an_item_are_counted_in_types_and_parts(crm, gadget):
    from besace import parts

    from .toys import Line

    made = gadget(rank="low")
    crm.write(lambda work: parts.add(work, Line, made, what="x", rank="low"))
    with crm.read() as work:
        assert [lists.count_uses(work, "rank", key) for key in ("low", "high")] == [2, 0]


def test_no_french_sentence_agrees_with_a_name_whose_gender_nobody_knows():
    agreeing = re.compile(r"\{(entity|document)\}[^.:;{]* (est|être) \w+(é|i|u|is)(e|s|es)?\b")
    ours, place = Path(__file__).parents[2], "src/*/locale/fr/LC_MESSAGES/messages.po"
    catalogues = [*ours.glob(f"core/{place}"), *ours.glob(f"plugins/*/{place}")]
    assert len(catalogues) > 5
    assert [line for path in catalogues for line in path.read_text("utf-8").splitlines() if agreeing.search(line)] == []
