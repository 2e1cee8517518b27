"""The pure rules of the pipeline, without a database."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from besace.errors import Refused
from besace.money import Money
from besace.texts import Text
from besace_opportunities.phases import (
    End,
    OpportunityClosed,
    Outcome,
    check_move,
    corrected,
    effective_probability,
    settle,
    weighted,
)

TODAY, BEFORE = date(2026, 3, 14), date(2026, 3, 10)
TEN, NOTHING = Money(Decimal(10), "EUR"), Money(Decimal(0), "EUR")
DEAL = Text('Opportunity 42 "CRM for SNCF"', "")

outcomes = st.sampled_from(Outcome)
percents = st.integers(0, 100)
closed = st.sampled_from([o for o in Outcome if o.is_closed])
ends = st.one_of(
    st.just(End(Outcome.OPEN)),
    st.builds(End, st.just(Outcome.WON), st.just(BEFORE), st.just(TEN)),
    st.builds(End, st.just(Outcome.LOST), st.just(BEFORE), st.none(), st.sampled_from([None, "price"])),
    st.builds(End, st.just(Outcome.CANCELLED), st.just(BEFORE)),
)
"""Every way in which a deal can stand."""


def settled(was, now, expected=TEN, **given):
    return settle(was, now, expected=expected, today=TODAY, **given)


def test_O3_entering_a_closed_phase_stores_today():
    assert settled(End(Outcome.OPEN), End(Outcome.LOST)) == End(Outcome.LOST, TODAY)
    assert settled(None, End(Outcome.CANCELLED, BEFORE)) == End(Outcome.CANCELLED, BEFORE)


def test_O3_won_takes_the_expected_revenue_unless_another_is_given():
    assert settled(None, End(Outcome.WON)).final_revenue == TEN
    assert settled(None, End(Outcome.WON, final_revenue=NOTHING)).final_revenue == NOTHING


def test_O3_won_without_any_revenue_is_refused():
    with pytest.raises(Refused, match="needs a final revenue"):
        settled(End(Outcome.OPEN), End(Outcome.WON), expected=None)


def test_O3_a_won_deal_does_not_lose_its_final_revenue_or_closing_date():
    won = End(Outcome.WON, BEFORE, TEN)
    with pytest.raises(Refused, match="needs a final revenue"):
        settled(won, End(Outcome.WON, BEFORE))
    with pytest.raises(Refused, match="keeps its closing date"):
        settled(won, End(Outcome.WON, None, TEN))


@pytest.mark.parametrize(
    ("now", "sentence"),
    [
        (End(Outcome.OPEN, TODAY), "open opportunity has no closing date"),
        (End(Outcome.OPEN, None, TEN), "Only a won opportunity has a final revenue"),
        (End(Outcome.LOST, TODAY, TEN), "Only a won opportunity has a final revenue"),
        (End(Outcome.CANCELLED, TODAY, TEN), "Only a won opportunity has a final revenue"),
        (End(Outcome.WON, TODAY, TEN, "price"), "Only a lost opportunity has a loss reason"),
        (End(Outcome.OPEN, loss_reason="price"), "Only a lost opportunity has a loss reason"),
    ],
)
def test_O3_what_belongs_to_another_outcome_is_refused(now, sentence):
    with pytest.raises(Refused, match=sentence):
        settled(None, now)


def test_O3_no_revenue_of_a_deal_that_is_not_won_says_nothing():
    assert settled(None, End(Outcome.LOST, TODAY, NOTHING)) == End(Outcome.LOST, TODAY)


def test_O3_a_required_loss_reason_is_asked_for_on_losing_and_on_taking_it_away():
    with pytest.raises(Refused, match="needs a loss reason"):
        settled(End(Outcome.OPEN), End(Outcome.LOST), reason_required=True)
    with pytest.raises(Refused, match="needs a loss reason"):
        settled(End(Outcome.LOST, BEFORE, None, "price"), End(Outcome.LOST, BEFORE), reason_required=True)
    before_the_rule = End(Outcome.LOST, BEFORE)
    assert settled(before_the_rule, before_the_rule, reason_required=True) == before_the_rule


@pytest.mark.parametrize(
    ("was", "to", "sentence"),
    [
        ("lost", "open", 'was lost on 2026-03-10 and cannot go back to "Negotiation".'),
        ("won", "open", 'was won on 2026-03-10 and cannot go back to "Negotiation".'),
        ("cancelled", "won", 'was cancelled on 2026-03-10 and cannot go to "Negotiation".'),
    ],
)
def test_O4_a_closed_deal_never_moves(was, to, sentence):
    with pytest.raises(OpportunityClosed) as error:
        check_move(DEAL, 42, End(Outcome(was), BEFORE), Outcome(to), phase="Negotiation")
    assert str(error.value).startswith(f'Opportunity 42 "CRM for SNCF" {sentence} Follow it up: ')
    assert "besace opportunity follow-up 42" in str(error.value)


@given(outcomes)
def test_O4_an_open_deal_moves_anywhere(to):
    check_move(DEAL, 42, End(Outcome.OPEN), to, phase="Negotiation")


@given(ends, outcomes)
def test_O4_a_correction_leaves_nothing_that_does_not_hold(was, to):
    end = settled(was, corrected(was, End(to, was.close_date, was.final_revenue, was.loss_reason)))
    assert (end.close_date is not None) == to.is_closed
    assert (end.final_revenue is not None) == (to is Outcome.WON)
    assert end.loss_reason is None or to is Outcome.LOST


@given(ends, outcomes, st.booleans())
def test_O3_what_is_settled_stays_settled(was, to, required):
    end = settled(was if was.outcome is Outcome.OPEN else None, End(to))
    assert settled(end, end, reason_required=required) == end


@pytest.mark.parametrize(
    ("outcome", "own", "of_phase", "effective"),
    [
        ("open", 0, 50, 0),
        ("open", None, 50, 50),
        ("open", None, 0, 0),
        ("open", None, None, None),
        ("won", 10, 20, 100),
        ("lost", 100, 100, 0),
        ("cancelled", None, None, 0),
    ],
)
def test_O6_an_empty_probability_is_not_0(outcome, own, of_phase, effective):
    assert effective_probability(Outcome(outcome), own, of_phase) == effective


@given(outcomes, st.none() | percents, st.none() | percents)
def test_O6_the_first_that_is_known_counts(outcome, own, of_phase):
    known = [p for p in (own, of_phase) if p is not None]
    fixed = {Outcome.WON: 100, Outcome.LOST: 0, Outcome.CANCELLED: 0}
    assert effective_probability(outcome, own, of_phase) == fixed.get(outcome, known[0] if known else None)


@given(st.integers(0, 10**20), percents)
def test_O6_weighted_revenue_is_rounded_half_up(minor, percent):
    exact = Decimal(minor) * Decimal(percent) / 100
    assert weighted(minor, percent) == int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
