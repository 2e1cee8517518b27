"""Limits: sizes, types and programs; pure rules."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from besace.errors import InvalidValue, Refused
from besace_attachments import limits
from besace_attachments.limits import PROGRAMS, USUAL_SIZE, USUAL_TYPES, Size, clean_size, clean_types, octets_of


@pytest.mark.parametrize(
    ("typed", "kept", "octets"),
    [
        ("25 MB", "25 MB", 25_000_000),
        ("1,5 Mo", "1.5 MB", 1_500_000),
        ("300", "300 B", 300),
        ("10ko", "10 kB", 10_000),
        ("2 g", "2 GB", 2_000_000_000),
        ("0.001 kB", "0.001 kB", 1),
    ],
)
def test_a_size_is_read_as_people_write_it(typed, kept, octets):
    assert (clean_size(typed), octets_of(kept)) == (kept, octets)


@pytest.mark.parametrize("typed", ["", "0", "0 MB", "-1 MB", "many", "1 TB", "1e9", "25 MB or so", "٣ MB", "0.1 B"])
def test_what_is_no_size_gets_a_sentence(typed):
    with pytest.raises(InvalidValue, match=r"is not a size. Expected for example 25 MB\."):
        clean_size(typed)


@given(st.text(max_size=12))
def test_a_size_that_is_accepted_is_accepted_again_and_is_positive(text):
    try:
        size = clean_size(text)
    except InvalidValue:
        return
    assert clean_size(size) == size
    assert octets_of(size) == octets_of(text) >= 1


def test_sizes_are_shown_rounded_up_in_the_readers_language():
    shown = [Size(n).in_language("en") for n in (1, 999, 1_000, 1_001, 26_000_000, 1_450_001)]
    assert shown == ["1 byte", "999 bytes", "1 kB", "2 kB", "26 MB", "1.5 MB"]
    assert Size(1_450_001).in_language("fr") == "1,5 Mo"


def test_a_list_of_types_is_put_in_order():
    assert clean_types(".PDF,txt , pdf,") == "pdf, txt"
    assert (clean_types(USUAL_TYPES), clean_size(USUAL_SIZE)) == (USUAL_TYPES, USUAL_SIZE)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (" , ", "There is no extension in this list"),
        ("pdf, a/b", '"a/b" is not the extension of a file'),
        ("pdf, tar.gz", '"tar.gz" is not the extension of a file'),
        ("pdf, EXE", '"exe" cannot be allowed: such a file is a program'),
    ],
)
def test_a_list_of_types_that_cannot_be_gets_a_sentence(typed, words):
    with pytest.raises(InvalidValue) as error:
        clean_types(typed)
    assert words in str(error.value)


@pytest.mark.parametrize("extension", sorted(PROGRAMS))
def test_no_program_is_taken_whatever_is_allowed(extension):
    with pytest.raises(Refused, match="is a program, and programs are not taken"):
        limits.check_type(f"game.{extension.upper()}", f"pdf, {extension}")


def test_a_type_that_is_not_allowed_is_refused_with_those_that_are():
    with pytest.raises(Refused, match=r'"a.zzz" is not taken: files of the type "zzz" .* Allowed are: csv, pdf'):
        limits.check_type("a.zzz", "csv, pdf")
    with pytest.raises(Refused, match=r'The name "README" does not tell .* Allowed are: csv, pdf'):
        limits.check_type("README", "csv, pdf")
    limits.check_type("A.PDF", "csv, pdf")


def test_empty_and_large_files_are_refused_with_their_size():
    limits.check_size("a.pdf", 1, "1 kB")
    limits.check_size("a.pdf", 1000, "1 kB")
    with pytest.raises(Refused, match=r'"a\.pdf" is empty'):
        limits.check_size("a.pdf", 0, "1 kB")
    with pytest.raises(Refused, match=r'"a\.pdf" is too large: it has 2 kB, and at most 1 kB are taken'):
        limits.check_size("a.pdf", 1001, "1 kB")


def test_programs_are_known_by_their_first_bytes():
    with open(sys.executable, "rb") as file:
        head = file.read(limits.HEAD)
    for program in (head, b"#!/bin/sh\n", b"MZ\x90\x00\x03"):
        with pytest.raises(Refused, match="is a program"):
            limits.check_content("a.pdf", program)
    for content in (b"%PDF-1.7", b"MZ is a postcode", b"", b"PK\x03\x04"):
        limits.check_content("a.pdf", content)
