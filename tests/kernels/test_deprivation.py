"""IMD tables: the published ones come out as published, and any other is refused with the reason."""

import csv
import hashlib
import io
import math
import zipfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core20plus5.deprivation import LSOA_COUNT, LSOA_VINTAGE, ImdTable, decile_of_rank, read_imd_table
from core20plus5.errors import ImdTableError
from tests.shared_data import shared_file

PLAIN = ["lsoa_code", "imd_rank", "imd_decile"]
# The last rank of each decile in the published files.
LAST_RANKS = {
    "2019": [3284, 6568, 9853, 13137, 16422, 19706, 22990, 26275, 29559, 32844],
    "2025": [3375, 6751, 10126, 13502, 16877, 20253, 23628, 27004, 30379, 33755],
}
IMD_RANK = "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)"
IMD_DECILE = "Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs)"
FILE_7 = [
    "LSOA code (2021)",
    "LSOA name (2021)",
    "Local Authority District code (2024)",
    "Index of Multiple Deprivation (IMD) Score",
    IMD_RANK,
    IMD_DECILE,
    "Income Score (rate)",
    "Income Rank (where 1 is most deprived)",
    "Income Decile (where 1 is most deprived 10% of LSOAs)",
    "Income Deprivation Affecting Children Index (IDACI) Rank (where 1 is most deprived)",
    "Total population: mid 2022",
]

Cell = str | int | float
Rows = list[list[Cell]]


def table_rows(version: str) -> Rows:
    """A whole table with made-up ranks (a permutation): code, rank, decile by exact fractions."""
    count = LSOA_COUNT[version]
    ranks = [1 + 7919 * i % count for i in range(count)]
    return [[f"E01{i:06d}", rank, math.ceil(Fraction(10 * rank, count))] for i, rank in enumerate(ranks, start=1)]


def file_7_rows(version: str) -> Rows:
    return [
        [code, "Somewhere 001A", "E09000001", 12.5, float(rank), float(decile), 0.1, 1, 1, 2, 1500]
        for code, rank, decile in table_rows(version)
        if isinstance(rank, int) and isinstance(decile, int)
    ]


def as_csv(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode()


def as_xlsx(**sheets: Sequence[Sequence[Cell]]) -> bytes:
    """The least that is a workbook: inline strings, no styles."""
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
    numbered = list(enumerate(sheets, start=1))
    entries = "".join(f'<sheet name="{name}" sheetId="{i}" r:id="r{i}"/>' for i, name in numbered)
    parts = "".join(f'<Relationship Id="r{i}" Type="{office}/worksheet" Target="worksheets/sheet{i}.xml"/>' for i, _ in numbered)
    root = f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/>'
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", f"<Relationships {package}>{root}</Relationships>")
        archive.writestr("xl/workbook.xml", f'<workbook {main} xmlns:r="{office}"><sheets>{entries}</sheets></workbook>')
        archive.writestr("xl/_rels/workbook.xml.rels", f"<Relationships {package}>{parts}</Relationships>")
        for i, name in numbered:
            body = "".join(f"<row>{''.join(map(cell_xml, row))}</row>" for row in sheets[name])
            archive.writestr(f"xl/worksheets/sheet{i}.xml", f"<worksheet {main}><sheetData>{body}</sheetData></worksheet>")
    return data.getvalue()


def cell_xml(cell: Cell) -> str:
    if isinstance(cell, str):
        return f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>' if cell else "<c/>"
    return f"<c><v>{cell}</v></c>"


def read(folder: Path, data: bytes, version: str, name: str = "table.csv") -> ImdTable:
    path = folder / name
    path.write_bytes(data)
    return read_imd_table(path, version)


def refusal(folder: Path, data: bytes, version: str, name: str = "table.csv") -> str:
    with pytest.raises(ImdTableError) as caught:
        read(folder, data, version, name)
    message = str(caught.value)
    assert message.startswith(f"{name}: expected ")
    assert str(folder) not in message
    assert len(message) < 600
    return message


def same(left: ImdTable, right: ImdTable) -> bool:
    return np.array_equal(left.ranks, right.ranks) and np.array_equal(left.deciles, right.deciles)


# Deciles of ranks


@pytest.mark.parametrize("version", LSOA_COUNT)
def test_each_decile_ends_at_its_last_rank(version: str) -> None:
    for decile, last in enumerate(LAST_RANKS[version], start=1):
        assert decile_of_rank(last, version) == decile
        assert decile_of_rank(last + 1, version) == decile + 1


@pytest.mark.parametrize(("version", "last"), [("2019", 6568), ("2025", 6751)])
def test_core20_ends_at_a_fifth(version: str, last: int) -> None:
    assert decile_of_rank(last, version) == 2
    assert decile_of_rank(last + 1, version) == 3


@given(st.data(), st.sampled_from(sorted(LSOA_COUNT)))
def test_deciles_are_tenths_by_exact_fractions(data: st.DataObject, version: str) -> None:
    near_a_boundary = st.sampled_from(LAST_RANKS[version]).flatmap(lambda last: st.integers(last - 1, last + 1))
    rank = data.draw(st.integers(1, LSOA_COUNT[version]) | near_a_boundary)
    decile = math.ceil(Fraction(10 * rank, LSOA_COUNT[version]))
    assert decile_of_rank(rank, version) == decile
    for dtype in (np.uint16, np.int32, np.int64):
        deciles = decile_of_rank(np.array([[rank]], dtype=dtype), version)
        assert deciles.tolist() == [[decile]]
        assert deciles.dtype == np.int64


@given(st.integers(-30_000, 0) | st.integers(1, 30_000), st.sampled_from(sorted(LSOA_COUNT)))
def test_a_rank_out_of_range_has_no_decile(beyond: int, version: str) -> None:
    rank = beyond if beyond <= 0 else LSOA_COUNT[version] + beyond
    assert decile_of_rank(rank, version) not in range(1, 11)
    assert decile_of_rank(np.array([rank]), version)[0] not in range(1, 11)


# Published tables


@pytest.mark.parametrize(("name", "version"), [("imd2019_lsoa11.csv", "2019"), ("imd2025_lsoa21.csv", "2025")])
def test_every_lsoa_has_its_published_decile(name: str, version: str) -> None:
    path = shared_file(name)
    table = read_imd_table(str(path), version)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        published = [(int(code[3:]), int(rank), int(decile)) for code, rank, decile in list(csv.reader(stream))[1:]]
    numbers, ranks, deciles = np.array(published).T
    assert len(numbers) == table.rows == LSOA_COUNT[version]
    assert np.array_equal(table.ranks[numbers], ranks)
    assert np.array_equal(table.deciles[numbers], deciles)
    assert np.array_equal(table.ranks[numbers] <= LAST_RANKS[version][1], deciles <= 2)
    assert np.count_nonzero(table.deciles) == np.count_nonzero(table.ranks) == LSOA_COUNT[version]
    assert table.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_file_1_as_published_is_the_same_table() -> None:
    official = read_imd_table(shared_file("File_1_IMD2019_official.csv"), "2019")
    assert same(official, read_imd_table(shared_file("imd2019_lsoa11.csv"), "2019"))
    assert official.name == "File_1_IMD2019_official.csv"


@pytest.mark.parametrize(
    ("name", "version", "other"), [("imd2019_lsoa11.csv", "2025", "2019"), ("imd2025_lsoa21.csv", "2019", "2025")]
)
def test_a_published_table_given_as_the_other_version(name: str, version: str, other: str) -> None:
    with pytest.raises(ImdTableError, match=f"this looks like the {other} table"):
        read_imd_table(shared_file(name), version)


# Shapes that are read


@pytest.mark.parametrize("version", LSOA_COUNT)
def test_the_table_is_indexed_by_lsoa_number(tmp_path: Path, version: str) -> None:
    rows = table_rows(version)
    rows[-1][0] = "E01040000"
    table = read(tmp_path, as_csv(PLAIN, rows), version)
    assert (table.version, table.lsoa_vintage, table.name) == (version, LSOA_VINTAGE[version], "table.csv")
    assert table.deciles.shape == table.ranks.shape == (40_001,)
    assert [table.deciles.dtype, table.ranks.dtype] == [np.dtype(np.int8), np.dtype(np.int32)]
    assert (table.ranks[1], table.deciles[1]) == (1, 1)
    assert table.ranks[40_000] == rows[-1][1]
    assert table.ranks[0] == table.deciles[0] == table.deciles[39_999] == 0
    with pytest.raises(ValueError, match="read-only"):
        table.deciles[1] = 1
    with pytest.raises(ValueError, match="read-only"):
        table.ranks[1] = 1


@pytest.mark.parametrize("header", [["LSOA21CD", "imd_rank"], ["lsoa", "IMD Rank"], ["LSOA code (2021)", IMD_RANK]])
def test_ranks_alone_are_enough(tmp_path: Path, header: list[str]) -> None:
    whole = read(tmp_path, as_csv(PLAIN, table_rows("2025")), "2025")
    ranks_only = as_csv(header, [row[:2] for row in table_rows("2025")])
    assert same(read(tmp_path, ranks_only, "2025"), whole)
    beside_other_ranks = as_csv([*header, "IMD rank quintile"], [[*row[:2], 1] for row in table_rows("2025")])
    assert same(read(tmp_path, beside_other_ranks, "2025"), whole)


def test_csv_as_spreadsheets_write_it(tmp_path: Path) -> None:
    whole = read(tmp_path, as_csv(PLAIN, table_rows("2025")), "2025")
    shapes = ["{:,}", " {} ", "{}.0"]
    rows = [[f" {code} ", shapes[i % 3].format(rank), ""] for i, (code, rank, _) in enumerate(table_rows("2025"))]
    blank: list[list[str]] = [["", "", ""], []]
    data = b"\xef\xbb\xbf" + as_csv(["LSOA\ncode", "IMD\nrank", "IMD decile"], blank + rows + blank)
    assert same(read(tmp_path, data, "2025"), whole)


def test_file_7_as_csv_and_as_workbook(tmp_path: Path) -> None:
    whole = read(tmp_path, as_csv(PLAIN, table_rows("2025")), "2025")
    rows = file_7_rows("2025")
    assert same(read(tmp_path, as_csv(FILE_7, rows), "2025"), whole)
    notes = [["Index of Multiple Deprivation (IMD)"], ["See", "LSOA", "imd_rank"]]
    for texts in (rows, [[f"{c:,}" if isinstance(c, float) else c for c in row] for row in rows[:9]] + rows[9:]):
        workbook = as_xlsx(Notes=notes, Empty=[], IoD2025=[[], [""], FILE_7, *texts, [], ["", ""]])
        assert same(read(tmp_path, workbook, "2025", "file_7.xlsx"), whole)


def test_a_column_of_another_encoding_beside_the_ones_needed(tmp_path: Path) -> None:
    rows = [[*row[:2], "caf\N{LATIN SMALL LETTER E WITH ACUTE}"] for row in table_rows("2019")]
    data = as_csv(["lsoa_code", "imd_rank", "label"], rows).decode().encode("cp1252")
    assert read(tmp_path, data, "2019").rows == LSOA_COUNT["2019"]


def test_tied_ranks_are_lawful(tmp_path: Path) -> None:
    rows = table_rows("2019")
    rows[1][1:] = rows[0][1:]
    table = read(tmp_path, as_csv(PLAIN, rows), "2019")
    assert table.ranks[1] == table.ranks[2] == 1


# Refusals


def test_an_unknown_version(tmp_path: Path) -> None:
    message = refusal(tmp_path, as_csv(PLAIN, table_rows("2019")), "2015")
    assert message == "table.csv: expected IMD version 2019 or 2025; found version '2015'"


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ImdTableError, match=r"^absent\.csv: expected a file that can be read; found No such file"):
        read_imd_table(tmp_path / "absent.csv", "2019")
    with pytest.raises(ImdTableError, match="Is a directory"):
        read_imd_table(tmp_path, "2019")


def test_a_file_too_large_to_be_a_table(tmp_path: Path) -> None:
    with (tmp_path / "large.csv").open("wb") as stream:
        stream.truncate(128 * 1024 * 1024 + 1)
    with pytest.raises(ImdTableError, match=r"^large\.csv: expected at most 128 MiB"):
        read_imd_table(tmp_path / "large.csv", "2019")


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "no rows, or rows, quotes or characters that are broken"),
        (b"lsoa_code,imd_rank\nE01000001,1,SECRET\n", "that are broken"),
        (b"lsoa_code,imd_rank\nE01\xe9,1\n", "that are broken"),
        ("lsoa_code\N{LATIN SMALL LETTER E WITH ACUTE},imd_rank\n1,2\n".encode("cp1252"), "that are broken"),
        ("lsoa_code,imd_rank\nE01000001,1\n".encode("utf-16"), "a binary file of another kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "a binary file of another kind"),
        (b"PK\x03\x04 and no more", "a workbook that cannot be read"),
        (as_xlsx(IMD=[PLAIN])[:-200], "a workbook that cannot be read"),
    ],
)
def test_a_file_that_is_not_a_table(tmp_path: Path, data: bytes, found: str) -> None:
    message = refusal(tmp_path, data, "2019")
    assert "a CSV in UTF-8 or an XLSX file" in message
    assert found in message
    assert "SECRET" not in message


@pytest.mark.parametrize(
    ("header", "expected", "found"),
    [
        (["code", "imd_rank"], "begins with 'lsoa'", "none among 2 column names"),
        (["lsoa name (2021)", "imd_rank"], "begins with 'lsoa'", "none among 2 column names"),
        (["lsoa11_code", "lsoa21_code", "imd_rank"], "begins with 'lsoa'", "2: 'lsoa11_code', 'lsoa21_code'"),
        (["lsoa_code", "Income Rank"], "one column of IMD ranks", "none among 2 column names"),
        (["lsoa_code", "imd_decile"], "one column of IMD ranks", "none among 2 column names"),
        (["lsoa_code", "imd_rank", "imd_rank"], "one column of IMD ranks", "2: 'imd_rank', 'imd_rank'"),
        ([*PLAIN, "IMD Decile"], "at most one column of IMD deciles", "2: 'imd_decile', 'IMD Decile'"),
    ],
)
def test_columns_missing_or_ambiguous(tmp_path: Path, header: list[str], expected: str, found: str) -> None:
    message = refusal(tmp_path, as_csv(header, [["E01000001", *"1" * (len(header) - 1)]]), "2025")
    assert expected in message
    assert found in message


def test_a_workbook_without_one_sheet_of_ranks(tmp_path: Path) -> None:
    message = refusal(tmp_path, as_xlsx(Notes=[["Notes"]], Empty=[]), "2025", "a.xlsx")
    assert "found none in 2: 'Notes', 'Empty'" in message
    message = refusal(tmp_path, as_xlsx(A=[PLAIN], B=[PLAIN], C=[]), "2025", "b.xlsx")
    assert "found 2 in 3: 'A', 'B'" in message


@pytest.mark.parametrize(
    ("header", "version", "title", "other"),
    [
        (["LSOA code (2011)", IMD_RANK], "2025", "LSOA code (2011)", ": this looks like the 2019 table"),
        (["lsoa11_code", "imd_rank"], "2025", "lsoa11_code", ": this looks like the 2019 table"),
        (["LSOA21CD", "imd_rank"], "2019", "LSOA21CD", ": this looks like the 2025 table"),
        (["lsoa_code", "imd_rank_2025"], "2019", "imd_rank_2025", ": this looks like the 2025 table"),
        (["lsoa_code", "imd_rank", "imd2019_decile"], "2025", "imd2019_decile", ": this looks like the 2019 table"),
        (["LSOA code (2001)", "imd_rank"], "2019", "LSOA code (2001)", ""),
    ],
)
def test_a_column_that_states_another_year(tmp_path: Path, header: list[str], version: str, title: str, other: str) -> None:
    message = refusal(tmp_path, as_csv(header, [["E01000001", *"1" * (len(header) - 1)]]), version)
    assert f"expected LSOA {LSOA_VINTAGE[version]} codes and ranks of IMD {version}" in message
    assert message.endswith(f"found the column '{title}'{other}")


@pytest.mark.parametrize(("other", "version"), [("2019", "2025"), ("2025", "2019")])
def test_the_rows_of_the_other_version(tmp_path: Path, other: str, version: str) -> None:
    message = refusal(tmp_path, as_csv(PLAIN, table_rows(other)), version)
    assert f"expected {LSOA_COUNT[version]:,} rows for IMD {version}" in message
    assert f"found {LSOA_COUNT[other]:,}: this looks like the {other} table" in message


def test_rows_missing(tmp_path: Path) -> None:
    message = refusal(tmp_path, as_csv(PLAIN, table_rows("2025")[1:]), "2025")
    assert message.endswith("expected 33,755 rows for IMD 2025; found 33,754")


@pytest.mark.parametrize(
    ("column", "values", "expected", "found"),
    [
        (0, ["W01000001", "E010000021"], "E01 and six digits", "2 other values: 'W01000001', 'E010000021'"),
        (0, ["E0100001", "", "x" * 999], "E01 and six digits", f"3 other values: 'E0100001', '', '{'x' * 77}...'"),
        (0, ["E01000002"], "each LSOA code once", "1 repeated: 'E01000002'"),
        (1, ["", ""], "rank of every LSOA", "2 LSOAs without one: 'E01000001', 'E01000002'"),
        (1, [0, 33_756, -1, 1], "from 1 to 33,755", "3 other values: '0', '33756', '-1'"),
        (
            1,
            ["1.5", "NA", "1,2", "9" * 5000, "1" + ",000" * 5000],
            "a whole number",
            "5 other values: '1.5', 'NA', '1,2', ...",
        ),
        (2, [2], "10 x rank / 33,755, rounded up", "1 that do not: 'E01000001 with rank 1 and decile 2'"),
        (2, ["first"], "10 x rank / 33,755, rounded up", "1 that do not: 'E01000001 with rank 1 and decile first'"),
    ],
)
def test_values_that_contradict_the_version(tmp_path: Path, column: int, values: list[Cell], expected: str, found: str) -> None:
    rows = table_rows("2025")
    for row, value in zip(rows, values, strict=False):
        row[column] = value
    message = refusal(tmp_path, as_csv(PLAIN, rows), "2025")
    assert expected in message
    assert message.endswith(f"found {found}")


def test_deciles_of_the_commoner_rule_are_refused(tmp_path: Path) -> None:
    count = LSOA_COUNT["2019"]
    rows = [[code, rank, (int(rank) - 1) * 10 // count + 1] for code, rank, _ in table_rows("2019")]
    assert "found 8 that do not: " in refusal(tmp_path, as_csv(PLAIN, rows), "2019")
