from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from besace import Besace
from besace.transfer.importing import import_file

from .tables import HEADING, bring, stored
from .test_import import HOLDS
from .toys import toy

GOOD = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["Bell", "Été", "Dr;um", 'H"orn', "a  b", "Bell"]),
        "number": st.one_of(st.just(""), st.integers(-1000, 1000).map(str)),
        "price": st.sampled_from(["", "0", "1.5", "12EUR", "99999.99"]),
        "made": st.one_of(st.just(""), st.dates().map(lambda d: d.isoformat())),
        "rank": st.sampled_from(["", "k1", "k2"]),
    }
)
BAD_CELLS = st.sampled_from(
    [
        ("name", "forbidden"), ("name", ""), ("name", "x" * 300), ("number", "1e3"), ("number", "1001"),
        ("price", "-1"), ("price", "1.234"), ("price", "1USD EUR"), ("made", "2026-02-30"),
        ("made", "1/2/26"),
    ]
)  # fmt: skip


_RUNS = itertools.count()
"""A number for each example: the external ids of one install must differ."""


@given(st.lists(st.tuples(GOOD, st.none() | BAD_CELLS), max_size=25), st.integers(1, 9))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_good_row_is_there_and_every_bad_one_is_told(
    crm: Besace, tmp_path: Path, rows: list[tuple[dict[str, str], tuple[str, str] | None]], batch: int
) -> None:
    run = f"r{next(_RUNS)}"
    lines, good = [HEADING], {}
    for number, (cells, bad) in enumerate(rows):
        row = cells | ({bad[0]: bad[1]} if bad else {})
        row["rank"] = row["rank"] and f"{run}{row['rank']}"
        if bad is None:
            good[f"{run}-{number}"] = row
        quoted = ['"' + text.replace('"', '""') + '"' for text in (row[name] for name in HEADING.split(",")[1:])]
        lines.append(",".join([f"{run}-{number}", *quoted]))
    result = bring(crm, tmp_path, "\n".join(lines), HOLDS, batch=batch)
    assert (result.created, result.failed) == (len(good), len(rows) - len(good))
    there = {r["external_id"]: r for r in stored(crm) if str(r["external_id"]).startswith(f"{run}-")}
    assert there.keys() == good.keys()
    for key, row in good.items():
        assert there[key]["name"] == row["name"]
        assert there[key]["number"] == (int(row["number"]) if row["number"] else None)
        assert str(there[key]["made_on"] or "") == row["made"]
    made = {r["external_id"] for r in stored(crm) if str(r["external_id"]).startswith(f"{run}k")}
    assert made == {row["rank"] for row in good.values()} - {""}
    again = import_file(crm, tmp_path / "shop.csv", tmp_path / "shop.toml", batch=batch)
    assert (again.created, again.updated, again.linked, again.failed) == (0, 0, 0, result.failed)


def test_few_bad_rows_leave_a_batch_quick(make_install: Callable[..., Besace], tmp_path: Path) -> None:
    crm = make_install(plugins={"toy": toy})
    units: list[str] = []
    write = crm.write
    crm.write = lambda *a, **o: units.append("unit") or write(*a, **o)  # type: ignore[method-assign, func-returns-value]
    rows = "".join(f"{n},{'forbidden' if n % 100 == 7 else 'Bell'},,,,k{n}\n" for n in range(400))
    result = bring(crm, tmp_path, rows, HOLDS)
    assert (result.created, result.failed) == (396, 4)
    assert len(units) == 1
