"""`besace documents print`: documents as files, made after the unit that reads what they say."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from besace_documents.printing import sheets


@pytest.fixture
def issued(desk: Any) -> int:
    """An issued invoice."""
    invoice: int = desk.invoice(subject="Roll-out")
    desk.do(invoice, "issue")
    return invoice


@pytest.fixture
def printed(desk: Any, run: Any, tmp_path: Path) -> Any:
    """Print into a folder of the test."""
    return lambda *words: run(desk.crm, "documents", "print", *map(str, words), "--to", str(tmp_path))


def test_an_issued_invoice_is_a_factur_x_under_its_number(desk: Any, issued: int, printed: Any, tmp_path: Path) -> None:
    from facturx import get_xml_from_pdf

    assert "F-2026-0001.pdf" in printed(issued).stdout
    name, xml = get_xml_from_pdf(BytesIO((tmp_path / "F-2026-0001.pdf").read_bytes()))
    assert name == "factur-x.xml"
    assert b"F-2026-0001" in xml
    assert b"1200.00" in xml


def test_a_draft_is_printed_as_a_draft_and_has_no_xml(desk: Any, printed: Any, tmp_path: Path) -> None:
    draft = desk.invoice()
    (file,) = printed(draft, "--json").json
    assert Path(file["file"]).name == f"invoice-{draft}.pdf"
    assert Path(file["file"]).stat().st_size == file["size"] > 1000
    refused = printed(draft, "--format", "xml")
    assert (refused.exit_code, "has no XML" in refused.stderr, "Issue it first" in refused.stderr) == (1, True, True)


@pytest.mark.parametrize(("kind", "verb"), [("quote", "send"), ("sales_order", "confirm")])
@pytest.mark.parametrize("form", ["factur-x", "xml"])
def test_only_invoices_and_credit_notes_exist_as_factur_x(
    desk: Any, printed: Any, kind: str, verb: str, form: str
) -> None:
    document = desk.document(kind)
    for _stage in ("draft", "issued"):
        refused = printed(document, "--format", form)
        assert refused.exit_code == 1
        assert "has no XML: only invoices and credit notes exist as Factur-X." in refused.stderr
        assert "Print it with --format pdf." in refused.stderr
        assert "Issue it" not in refused.stderr
        if desk.get(document)["number"] is None:
            desk.do(document, verb)


def test_several_are_printed_into_a_folder(desk: Any, issued: int, printed: Any, tmp_path: Path) -> None:
    quote = desk.quote()
    desk.do(quote, "send")
    done = printed(issued, quote, "--language", "fr", "--json")
    assert [Path(file["file"]).name for file in done.json] == ["F-2026-0001.pdf", "D-2026-0001.pdf"]


def test_nothing_is_written_over_but_with_force(desk: Any, issued: int, printed: Any, tmp_path: Path) -> None:
    (tmp_path / "F-2026-0001.xml").write_text("mine")
    refused = printed(issued, "--format", "xml")
    assert (refused.exit_code, "is there already" in refused.stderr) == (1, True)
    assert (tmp_path / "F-2026-0001.xml").read_text() == "mine"
    assert printed(issued, "--format", "xml", "--force").exit_code == 0
    assert "mine" not in (tmp_path / "F-2026-0001.xml").read_text()


def test_what_is_named_twice_is_printed_once(issued: int, printed: Any) -> None:
    assert len(printed(issued, "invoice:F-2026-0001", "--json").json) == 1


def test_the_same_number_of_two_issuers_is_not_written_over(
    desk: Any, issued: int, printed: Any, tmp_path: Path
) -> None:
    other = desk.invoice(issuer=desk.ours("Second firm"))
    desk.do(other, "issue")
    refused = printed(issued, other, "--force")
    assert (refused.exit_code, "would both be" in refused.stderr) == (1, True)
    assert list(tmp_path.glob("*.pdf")) == []


def test_a_folder_that_is_missing_is_told_and_no_file_takes_its_name(
    desk: Any, issued: int, run: Any, tmp_path: Path
) -> None:
    refused = run(desk.crm, "documents", "print", str(issued), "--to", f"{tmp_path}/paper/")
    assert (refused.exit_code, "There is no folder" in refused.stderr) == (2, True)
    assert not (tmp_path / "paper").exists()


def test_one_goes_to_the_standard_output_alone(desk: Any, issued: int, run: Any) -> None:
    out = run(desk.crm, "documents", "print", str(issued), "--format", "xml", "--to", "-")
    assert out.stdout.startswith("<?xml")
    for words in ([issued, issued], [issued, "--json"]):
        refused = run(desk.crm, "documents", "print", *map(str, words), "--to", "-")
        assert (refused.exit_code, "takes one document" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["invoice:F-9"], "There is no Invoice called"),
        (["organisation:Us"], "not one of the types expected here"),
        (["{issued}", "--logo", "{text}"], "The logo is not a picture"),
        (["{issued}", "--logo", "{noise}"], "The logo is not a picture"),
    ],
)
def test_what_cannot_be_printed_gets_a_sentence(
    issued: int, printed: Any, tmp_path: Path, words: list[str], sentence: str
) -> None:
    (tmp_path / "logo.png").write_text("no picture")
    (tmp_path / "noise.png").write_bytes(b"\xfe\xff\x00\x9c")
    names = {"text": tmp_path / "logo.png", "noise": tmp_path / "noise.png"}
    ran = printed(*(word.format(issued=issued, **names) for word in words))
    assert (ran.exit_code in (1, 2), sentence in ran.stderr, ran.stdout) == (True, True, "")


def test_the_logo_of_the_settings_stands_on_documents(desk: Any, issued: int, printed: Any, tmp_path: Path) -> None:
    desk.set("document_logo", "logo.svg")
    missing = printed(issued)
    assert (missing.exit_code, "logo.svg cannot be read" in missing.stderr) == (1, True)
    logo = desk.crm.folder / "logo.svg"
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>')
    try:
        assert printed(issued).exit_code == 0
    finally:
        logo.unlink()


def test_the_mentions_of_the_law_are_in_the_language_of_the_reader(desk: Any, issued: int) -> None:
    with desk.crm.read() as work:
        (sheet,) = sheets(work, [str(issued)], "pdf", "fr")
    assert "Pas d'escompte pour paiement anticipé." in [m.replace("’", "'") for m in sheet.content.mentions]
