from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from besace import Besace
from besace.errors import BesaceError
from besace.transfer.importing import import_file
from besace.transfer.table import errors_name

from .tables import GADGETS, HEADING, bring, stored

FALLING_SHORT = {
    ("a", "Bell", "", "", "31/02/2017", ""): ("made", '"31/02/2017" is not a date. Expected YYYY-MM-DD.'),
    ("a", "Bell", "x", "", "", ""): ("number", '"x" is not a whole number. Expected for example 20.'),
    ("a", "Bell", "5000", "", "", ""): ("number", "Number: 5000 is above the maximum of 1000."),
    ("a", "Bell", "", "1.234", "", ""): ("price", "1.234 EUR has more decimals than the currency."),
    ("a", "Bell", "", "-1", "", ""): ("price", "is below the minimum of 0."),
    ("a", "Bell", "", "", "", "lo"): ("rank", '"lo" is not in the list rank. Did you mean low?'),
    ("a", "", "", "", "", ""): ("name", "It is empty, and Name is required."),
    ("", "Bell", "", "", "", ""): ("id", "It is empty, and identifies the row."),
    ("a", "x" * 201, "", "", "", ""): ("name", "a text of 201 characters is too long"),
    ("i" * 201, "Bell", "", "", "", ""): ("id", "A text of 201 characters is too long to identify a row"),
    ("a", "forbidden", "", "", "", ""): (None, "A gadget cannot be called so."),
    ("a", "Bell"): (None, "It has 2 cells, and the first row 6."),
    ("a", "Bell", "", "", "", "", "more"): (None, "It has 7 cells, and the first row 6."),
}


@pytest.mark.parametrize(("cells", "expected"), FALLING_SHORT.items())
def test_a_bad_row_is_told_with_file_row_column_and_reason(
    crm: Besace, tmp_path: Path, cells: tuple[str, ...], expected: tuple[str | None, str]
) -> None:
    column, reason = expected
    result = bring(crm, tmp_path, f"g,Good,,,,\n{','.join(cells)}\nh,Good,,,,\n")
    assert (result.created, result.failed, result.errors[0].row) == (2, 1, 3)
    where = "shop.csv, row 3: " if column is None else f"shop.csv, row 3, column {column}: "
    sentence = str(result.errors[0].sentence)
    assert sentence.startswith(where)
    assert reason in sentence
    assert len(stored(crm)) == 2


def test_the_errors_file_is_corrected_and_imported(crm: Besace, tmp_path: Path) -> None:
    result = bring(crm, tmp_path, 'a,Bell,x,,,\nb,"Dr\n""um""",,,,\nc,Horn,3,,2026-13-01,\n', GADGETS)
    errors = Path(result.errors_file or "")
    assert errors == tmp_path / "shop.errors.csv"
    rows = list(csv.reader(errors.read_text(encoding="utf-8").splitlines()))
    assert rows[0] == ["error", *HEADING.split(",")]
    assert [row[1] for row in rows[1:]] == ["a", "b", "c"]
    assert rows[1][0] == 'number: "x" is not a whole number. Expected for example 20.'
    corrected = errors.read_text(encoding="utf-8").replace(",x,", ",7,").replace("2026-13", "2026-12")
    errors.write_text(corrected, encoding="utf-8")
    again = import_file(crm, errors, tmp_path / "shop.toml")
    assert (again.created, again.failed) == (2, 1)
    assert again.errors_file == str(tmp_path / "shop.errors2.csv")
    heading = (tmp_path / "shop.errors2.csv").read_text(encoding="utf-8").splitlines()[0]
    assert heading == f"error,{HEADING}"


def test_a_row_with_a_wrong_number_of_cells_stays_bad_until_it_is_corrected(crm: Besace, tmp_path: Path) -> None:
    errors = bring(crm, tmp_path, "a,Bell\nb,Horn,1,,,,more\n", GADGETS).errors_file
    again = import_file(crm, Path(errors or ""), tmp_path / "shop.toml")
    assert (again.created, again.failed) == (0, 2)
    lines = Path(again.errors_file or "").read_text(encoding="utf-8").splitlines()
    assert [line.rpartition('",')[2] or line for line in lines[1:]] == ["a,Bell", "b,Horn,1,,,,more"]


def test_the_errors_file_is_in_the_language_of_the_reader(crm: Besace, tmp_path: Path) -> None:
    with crm.read(language="fr") as work:
        assert work.language == "fr"
    result = bring(crm, tmp_path, "a,Bell,x,,,\n", language="fr")
    assert result.failed == 1
    assert result.errors[0].problem.in_language("fr") in Path(result.errors_file or "").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.csv", "a.errors.csv"),
        ("a.errors.csv", "a.errors2.csv"),
        ("a.errors9.csv", "a.errors10.csv"),
        ("deals", "deals.errors.csv"),
    ],
)
def test_the_file_that_is_read_is_never_written(name: str, expected: str) -> None:
    assert errors_name(name) == expected


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_utf_8_with_and_without_a_byte_order_mark(crm: Besace, tmp_path: Path, mark: bytes) -> None:
    bring(crm, tmp_path, mark + f"{HEADING}\na,Été,,,,\n".encode())
    assert stored(crm)[0]["name"] == "Été"


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_another_encoding_gives_a_sentence(crm: Besace, tmp_path: Path, encoding: str) -> None:
    rows = f"{HEADING}\n" + "a,Bell,,,,\n" * 10_000 + "b,Été,,,,\n"
    with pytest.raises(BesaceError, match=r"shop.csv is not in UTF-8\. Save it as UTF-8"):
        bring(crm, tmp_path, rows.encode(encoding))
    assert stored(crm) == []


@pytest.mark.parametrize("delimiter", [";", "\t", "|", ","])
def test_the_delimiter_is_found_out(crm: Besace, tmp_path: Path, delimiter: str) -> None:
    rows = f"{HEADING}\na,Bell,3,,,\n".replace(",", delimiter)
    assert bring(crm, tmp_path, rows.encode()).created == 1


def test_the_delimiter_can_be_given(crm: Besace, tmp_path: Path) -> None:
    rows = f"{HEADING}\na,Bell,3,,,\n".replace(",", "#").encode()
    assert bring(crm, tmp_path, rows, 'delimiter = "#"\n' + GADGETS).created == 1
    assert bring(crm, tmp_path, rows, delimiter="#").unchanged == 1


UNREADABLE = {
    "": "shop.csv is empty.",
    "\n\n": "shop.csv is empty.",
    "id,id,name\na,b,c\n": 'shop.csv has the column "id" twice.',
    "id,name,number,price,made\na,Bell,,,\n": 'no column "rank", which shop.toml names.',
    "id,name,nummer,price,made,rank\n": '"number", which shop.toml names. Did you mean nummer, name?',
    f'{HEADING}\na,"Bell,,,,\nb,Drum,,,,\n': "shop.csv is not a CSV file",
}


@pytest.mark.parametrize(("text", "sentence"), UNREADABLE.items())
def test_an_unreadable_file_is_refused_before_anything_is_written(
    crm: Besace, tmp_path: Path, text: str, sentence: str
) -> None:
    with pytest.raises(BesaceError) as caught:
        bring(crm, tmp_path, text.encode())
    assert sentence in str(caught.value)
    assert stored(crm) == []


def test_a_missing_file_is_told(crm: Besace, tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(GADGETS, encoding="utf-8")
    with pytest.raises(BesaceError, match=r"There is no file .*gone.csv"):
        import_file(crm, tmp_path / "gone.csv", tmp_path / "shop.toml")
    with pytest.raises(BesaceError, match=r"There is no file .*gone.toml"):
        import_file(crm, tmp_path / "gone.csv", tmp_path / "gone.toml")


def test_a_file_of_a_heading_alone_imports_nothing(crm: Besace, tmp_path: Path) -> None:
    result = bring(crm, tmp_path, f"{HEADING}\n".encode())
    assert (result.created, result.failed) == (0, 0)


def test_rows_are_numbered_as_a_spreadsheet_does(crm: Besace, tmp_path: Path) -> None:
    result = bring(crm, tmp_path, f'{HEADING}\na,"Be\nll",,,,\n\nb,Drum,x,,,\n'.encode())
    assert [p.row for p in result.errors] == [2, 4]


def test_a_file_is_never_read_whole(crm: Besace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from besace.transfer import table

    held: list[int] = []
    rows = table.Table.rows

    def watched(self: Any) -> Any:
        for row in rows(self):
            held.append(row.number)
            yield row

    monkeypatch.setattr(table.Table, "rows", watched)
    seen: list[tuple[int, int]] = []
    text = "".join(f"{n},Bell,,,,\n" for n in range(30))
    bring(crm, tmp_path, text, batch=10, progress=lambda done, _all: seen.append((done, len(held))))
    assert seen == [(10, 10), (20, 20), (30, 30)]


def test_columns_that_are_not_read_are_named(crm: Besace, tmp_path: Path, gadget: Callable[..., int]) -> None:
    result = bring(crm, tmp_path, f"{HEADING},more,error\na,Bell,,,,,x,y\n".encode())
    assert result.unused_columns == ("more",)
