"""Names of files: pure rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from besace.errors import InvalidValue
from besace_attachments.file_names import LONGEST, UNKNOWN, clean_name, extension_of, media_type_of


@pytest.mark.parametrize(
    "name", ["offre.pdf", "Devis n°3 – été (v2).PDF", "a", ".bashrc", "日本.txt", "a b..c", "😀.png"]
)
def test_a_name_stays_as_it_is(name):
    assert clean_name(name) == name


def test_an_accent_from_a_mac_becomes_one_character():
    assert clean_name("e\u0301te\u0301.txt") == "été.txt"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../besace.toml", "it names a folder too. Give its last part alone"),
        ("a\\b.txt", "it names a folder too"),
        ("/etc/passwd", "it names a folder too"),
        ("a\nb.txt", "characters that cannot be seen"),
        ("a\x1b[31m.txt", "characters that cannot be seen"),
        ("exe.\u202etxt", "characters that cannot be seen"),
        ("a\u2028.txt", "characters that cannot be seen"),
        (".", '"." is no name of a file. Give it one'),
        ("..", "is no name of a file"),
        ("", "is no name of a file"),
        ("é" * 101, "it has 202 bytes, and at most 200 are kept"),
    ],
)
def test_what_is_no_name_gets_a_sentence(name, words):
    with pytest.raises(InvalidValue) as error:
        clean_name(name)
    assert words in str(error.value)
    assert error.value.in_language("fr") != str(error.value)


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_what_is_accepted_is_one_file_of_a_folder(text):
    try:
        name = clean_name(text)
    except InvalidValue:
        return
    assert clean_name(name) == name
    assert name not in ("", ".", "..")
    assert not set(name) & set("/\\\0\n\r\x1b")
    assert len(name.encode()) <= LONGEST


@pytest.mark.parametrize(
    ("name", "extension", "media_type"),
    [
        ("offer.pdf", "pdf", "application/pdf"),
        ("offer.v2.PDF", "pdf", "application/pdf"),
        ("letter.docx", "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("notes.md", "md", "text/markdown"),
        ("photo.jpeg", "jpeg", "image/jpeg"),
        ("README", "", UNKNOWN),
        (".pdf", "", UNKNOWN),
        ("odd.zzz", "zzz", UNKNOWN),
        ("a.tar.gz", "gz", "application/gzip"),
    ],
)
def test_the_extension_tells_the_media_type(name, extension, media_type):
    assert (extension_of(name), media_type_of(name)) == (extension, media_type)
