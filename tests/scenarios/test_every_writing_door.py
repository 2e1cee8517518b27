"""Rules E1, E8: every command that writes makes exactly one change, with who, before and after; others make none.

The walk is complete: a writing operation of a shipped plugin that is missing here fails the first test.
"""

import json

import pytest
import sqlalchemy as sa

from besace.crud import operations_of, part_operations_of

SHIPPED = ("persons", "opportunities", "commercial_actions", "documents", "activities", "products", "attachments")

STORY = """
user create --name bob
user edit bob --full-name Bob
user disable bob
user enable bob
organisation create --name Us --ours yes --siren 732829320 --vat-number FR44732829320 --address "1 rue A"
config set own_organisation Us
organisation create --name Client --siren 552049447 --address "1 rue A"
organisation edit Client --phone 0102030405
contact create --first-name Ann --last-name Lee
contact edit "Ann Lee" --job-title Buyer
opportunity create --name One --target organisation:Client --expected-revenue 100EUR
opportunity edit One --probability 40
opportunity move One --phase proposal
link "contact:Ann Lee" involved_in opportunity:One --set role=buyer
link "contact:Ann Lee" involved_in opportunity:One --set role=user
opportunity lose One --reason price
opportunity correct One --phase negotiation --reason slip
opportunity cancel One
opportunity follow-up One --name Two
opportunity create --name Three --target organisation:Client
opportunity win Two --final-revenue 90EUR
commercial-action create --title Fair --start-date 2026-03-01 --end-date 2026-03-31
commercial-action edit Fair --actual-cost 10EUR
objective add Fair --name Won --target 3 --count opportunity --condition won
objective add Fair --name Hands --target 5
objective edit $PART --name Handshakes
objective adjust $PART --by 2
objective remove $PART
commercial-action edit Fair --expected-revenue 900EUR
commercial-action copy Fair --start 2027-03-01 --title "Fair again"
pattern create --name Funnel --average-deal 30 --won-name "Deals won"
pattern edit Funnel --counts opportunity --condition won
pattern-step add Funnel --name Calls --rate 3
pattern-step add Funnel --name Visits --rate 50
pattern-step edit $STEP --rate 40
pattern apply Funnel Fair
pattern-step remove $STEP
link opportunity:Two fulfils_goal commercial-action:Fair
unlink opportunity:Two fulfils_goal commercial-action:Fair
quote create --subject Q1 --customer organisation:Client
document-line add Q1 --name Work --unit-price 100
document-line edit $LINE --quantity 2
document-adjustment add Q1 --reason Rebate --percent 5
document-adjustment edit $ADJUSTMENT --percent 10
document-adjustment remove $ADJUSTMENT
quote edit Q1 --notes Thanks
quote send Q1
quote accept D-2026-0001
quote order D-2026-0001
sales-order edit Q1 --notes Soon
sales-order confirm Q1
sales-order invoice C-2026-0001
sales-order cancel C-2026-0001
invoice create --subject Other --customer organisation:Client
invoice edit Q1 --notes Later
invoice issue Q1
invoice pay F-2026-0001 --amount 10
payment cancel $PAYMENT
invoice credit F-2026-0001
credit-note edit Q1 --notes Sorry
credit-note issue Q1
credit-note create --subject Other --customer organisation:Client
quote invoice D-2026-0001
quote create --subject Q2 --customer organisation:Client
document-line add Q2 --name Work --unit-price 100
document-line add Q2 --name Work --unit-price 100
document-line remove $LINE
quote send Q2
quote refuse D-2026-0002
quote create --subject Q3 --customer organisation:Client
document-line add Q3 --name Work --unit-price 100
quote send Q3
quote expire D-2026-0003
organisation create --name Branch --ours yes
quote create --subject Q4 --customer organisation:Client --issuer Branch --date 2026-03-01 --due-date 2026-03-10
document-line add Q4 --name Work --unit-price 100
quote send Q4 --on 2026-03-01
quote expire-due --on 2026-03-13
sales-order create --subject Other --customer organisation:Client
product create --name Course --unit-price 100 --vat-rate 20
product edit Course --unit-price 120
offer add Three --product Course
offer edit $OFFER --quantity 2
opportunity expect-offers Three
opportunity quote Three
offer remove $OFFER
note create --about organisation:Client --text Hello
note edit Hello --subject Greeting
attachment add organisation:Client $FILE
attachment edit letter.txt --description Hello
activity create --title Demo --kind meeting --start 2026-03-16T09:30 --about opportunity:Two
activity edit Demo --place Lyon
link "contact:Ann Lee" participates_in activity:Demo
activity done Demo --result Convinced --on 2026-03-14
activity reopen Demo
activity cancel Demo
list add origin letter --label Letter
list edit origin letter --label "A letter"
list disable origin letter
list enable origin letter
contact create --last-name Gone
organisation create --name Gone
opportunity create --name Gone --target organisation:Client
commercial-action create --title Gone --start-date 2026-03-01 --end-date 2026-03-31
pattern create --name Gone --won-name Won
activity create --title Gone --kind task
product create --name Gone
user create --name gone
note create --about organisation:Client --text Gone
""".strip().splitlines()

PARTS = {
    "$PART": "objective", "$STEP": "pattern_step", "$LINE": "document_line", "$ADJUSTMENT": "document_adjustment",
    "$PAYMENT": "payment", "$OFFER": "offer",
}  # fmt: skip

TRASHED = {
    "contact": "Gone", "organisation": "Gone", "opportunity": "Gone", "commercial-action": "Gone", "pattern": "Gone",
    "user": "gone", "quote": "D-2026-0003", "sales-order": "Other", "invoice": "Other", "credit-note": "Other",
    "note": "Gone", "attachment": "letter.txt", "activity": "Gone", "product": "Gone",
}  # fmt: skip

REFUSED = """
opportunity move One --phase nowhere
opportunity win One
opportunity edit Two --expected-revenue 5USD
invoice edit F-2026-0001 --notes Other
document-line add F-2026-0001 --name More --unit-price 1
invoice pay F-2026-0001 --amount 99999
invoice delete F-2026-0001
commercial-action edit Fair --end-date 2026-02-01
objective add Fair --name X --target 0
pattern apply Funnel Fair
link opportunity:Two fulfils_goal opportunity:Two
organisation edit Client --if-version 1 --name Other
list edit sales_phase won --set outcome=lost
activity done Demo
activity edit Demo --end 2026-03-16T09:00
user disable alice
note create --about organisation:Nobody --text Hello
attachment add organisation:Client nowhere.txt
attachment create --file letter.txt --about organisation:Client
""".strip().splitlines()

UNCHANGED = """
organisation edit Client --phone 0102030405
opportunity edit Two --name Two
link "contact:Ann Lee" involved_in opportunity:One
activity edit Demo --place Lyon
unlink opportunity:Two fulfils_goal commercial-action:Fair
list edit origin letter --label "A letter"
config set own_organisation Us
pattern apply Funnel Fair --again --dry-run
""".strip().splitlines()


class Ledger:
    """The change and entry rows, read raw."""

    def __init__(self, crm) -> None:
        self.reader = crm.reader

    def rows(self, statement: str, **values) -> list:
        with self.reader.connect() as raw:
            return [tuple(row) for row in raw.execute(sa.text(statement), values)]

    def last(self) -> int:
        return self.rows("SELECT coalesce(max(id), 0) FROM change")[0][0]

    def since(self, before: int) -> list:
        return self.rows("SELECT id, user_id, door FROM change WHERE id > :before", before=before)

    def entries(self, change: int) -> list:
        return self.rows(
            'SELECT action, entity_id, about, CAST("values" AS TEXT) FROM entry WHERE change_id = :c', c=change
        )


@pytest.fixture
def crm(make_install):
    return make_install(*SHIPPED)


def words_of(command: str, names: dict[str, str]) -> list[str]:
    import shlex

    return [names.get(word, word) for word in shlex.split(command)]


def newest(ledger: Ledger, part: str) -> str:
    return str(ledger.rows(f"SELECT max(id) FROM {part}")[0][0])


def check_one_change(ledger: Ledger, before: int, command: str) -> None:
    """One change by alice through the command line, whose entries say what was and what is."""
    (change,) = ledger.since(before)
    ((alice,),) = ledger.rows("SELECT id FROM \"user\" WHERE name = 'alice'")
    assert change[1:] == (alice, "cli"), command
    entries = ledger.entries(change[0])
    assert entries, command
    for action, entity, about, values in entries:
        assert entity is not None or about.startswith(("list:", "setting:")), command
        pairs = json.loads(values) if values else {}
        assert all(len(pair) == 2 and pair[0] != pair[1] for pair in pairs.values()), (command, pairs)
        assert pairs or action in ("delete", "restore", "link", "unlink", "copy"), (command, action)


def test_E8_every_command_that_writes_makes_exactly_one_change(crm, run, tmp_path):
    ledger, done, names = Ledger(crm), set(), {"$FILE": str(tmp_path / "letter.txt")}
    (tmp_path / "letter.txt").write_text("Hello")
    for command in STORY:
        names |= {word: newest(ledger, part) for word, part in PARTS.items()}
        walk(crm, run, ledger, words_of(command, names), done)
    for type_, label in TRASHED.items():
        for verb in ("delete", "restore", "delete", "purge"):
            walk(crm, run, ledger, [type_, verb, label], done)
    missing = writing_operations(crm) - done
    assert missing == set()
    for command in REFUSED:
        before = ledger.last()
        assert run(crm, *words_of(command, names)).exit_code in (1, 2), command
        assert ledger.since(before) == [], command
    for command in UNCHANGED:
        before = ledger.last()
        assert run(crm, *words_of(command, names)).exit_code == 0, command
        assert ledger.since(before) == [], command


def walk(crm, run, ledger, words, done):
    before = ledger.last()
    ran = run(crm, *words)
    assert ran.exit_code == 0, (words, ran.stderr)
    check_one_change(ledger, before, " ".join(words))
    done.add((words[0].replace("-", "_"), words[1].replace("-", "_")))


def writing_operations(crm) -> set[tuple[str, str]]:
    registry = crm.registry
    types = {(t.key, k) for t in registry.types.values() for k, o in operations_of(t).items() if o.writes}
    parts = {(p.key, k) for p in registry.parts.values() for k, o in part_operations_of(p).items() if o.writes}
    always_refused = {(t.key, "create") for t in registry.types.values() if t.given_by_operations}
    return (types | parts) - always_refused


def test_E8_an_import_makes_one_change_a_batch_and_none_the_second_time(crm, run, tmp_path):
    file, mapping = tmp_path / "companies.csv", tmp_path / "companies.toml"
    file.write_text("id,name\n1,Ada\n2,Bert\n", encoding="utf-8")
    mapping.write_text('type = "organisation"\n[identity]\ncolumn = "id"\n[fields]\nname = "name"\n', encoding="utf-8")
    ledger = Ledger(crm)
    before = ledger.last()
    for expected in (1, 0):
        assert run(crm, "import", str(file), "--mapping", str(mapping)).exit_code == 0
        assert [door for _id, _user, door in ledger.since(before)] == ["import"] * expected
        before = ledger.last()
