"""The value of each person in each stratum column, as the number of a label."""

from collections.abc import Callable
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core20plus5.arrow import ArrowArray, is_text, value_type
from core20plus5.errors import RequestError
from core20plus5.flags import Flags, Plan
from core20plus5.flags.plan import SEGMENT
from core20plus5.ingest import Block
from core20plus5.ingest.arrays import as_texts
from core20plus5.ingest.dictionaries import DictionaryMemory
from core20plus5.kernels.clean import count_places
from core20plus5.kernels.planes import answer_codes
from core20plus5.kernels.strata import label_codes, label_places, label_truths
from core20plus5.records import COLUMNS, ETHNIC_CATEGORIES, ETHNIC_GROUPS, ORGANISATIONS, PSEUDO_ORGANISATIONS, Kind, find_column

UNKNOWN = "unknown"

#: Characters of the longest label: a text that is longer says something of one person, and there would be a row for each.
MOST_LABEL = 256

Codes = npt.NDArray[np.int32]
StratumReader = Callable[[Block, Flags, Codes], None]


class Labels:
    """The labels of one stratum column, numbered as they are met. Several threads may share it."""

    def __init__(self, known: tuple[str, ...] = ()) -> None:
        self._codes = {label: code for code, label in enumerate(known)}
        self._lock = Lock()
        #: Bytes of the longest label.
        self.longest = max((len(label.encode()) for label in known), default=0)

    def code(self, label: str) -> int:
        """The number of a label."""
        with self._lock:
            number = self._codes.setdefault(label, len(self._codes))
            if number == len(self._codes) - 1:
                self.longest = max(self.longest, len(label.encode()))
            return number

    def __len__(self) -> int:
        return len(self._codes)

    @property
    def names(self) -> tuple[str, ...]:
        """The labels met so far, by their number."""
        with self._lock:
            return tuple(self._codes)


def _bands(width: int, oldest: int) -> tuple[str, ...]:
    return (*(f"{low}-{low + width - 1}" for low in range(0, oldest, width)), f"{oldest}+", UNKNOWN)


_GROUP_NAMES = tuple(dict.fromkeys(ETHNIC_GROUPS.values()))
_SEXES = COLUMNS["sex"].values
_SEGMENTS = ("core20 only", "plus only", "both", "neither", UNKNOWN)

#: The labels of the strata that have a fixed list of them, in the order in which they are shown.
LABELS: dict[str, tuple[str, ...]] = {
    "imd_decile": (*(str(decile) for decile in range(1, 11)), UNKNOWN),
    "imd_quintile": (*"12345", UNKNOWN),
    "ethnic_category": (*ETHNIC_CATEGORIES, UNKNOWN),
    "ethnic_group": (*_GROUP_NAMES, "Missing"),
    "sex": (*_SEXES, UNKNOWN),
    "age_band_5y": _bands(5, 90),
    "age_band_10y": _bands(10, 90),
    "age_band_broad": ("0-17", "18-64", "65+", UNKNOWN),
    SEGMENT: _SEGMENTS,
}

#: Columns that these strata are read from.
READS: dict[str, frozenset[str]] = {
    "imd_decile": frozenset({"deprivation_decile"}),
    "imd_quintile": frozenset({"deprivation_decile"}),
    "ethnic_category": frozenset({"ethnic_category"}),
    "ethnic_group": frozenset({"ethnic_category"}),
    "sex": frozenset({"sex"}),
    **dict.fromkeys(("age_band_5y", "age_band_10y", "age_band_broad"), frozenset({"birth_date", "age_years"})),
    SEGMENT: frozenset(),
}


class StratumReaders:
    """A reader for each stratum of a request, and the labels that they have met.

    Raises RequestError for a stratum that there cannot be.
    """

    def __init__(self, plan: Plan, schema: pa.Schema | None) -> None:
        self._dictionaries = DictionaryMemory()
        self.labels = tuple(Labels(LABELS.get(name, (UNKNOWN,))) for name in plan.request.strata)
        self._readers = [self._reader(name, labels, plan) for name, labels in zip(plan.request.strata, self.labels, strict=True)]
        self.names = plan.request.strata
        self.check(schema)

    def check(self, schema: pa.Schema | None) -> None:
        """Raises RequestError where a schema does not have what a stratum is read from."""
        for name in self.names:
            if schema is not None and name not in LABELS and name not in ORGANISATIONS:
                _check(name, schema)

    def codes(self, block: Block, flags: Flags) -> Codes:
        """The label of each person in each stratum column, by number: int32 (strata, words * 64)."""
        out = np.empty((len(self._readers), block.words * 64), np.int32)
        for row, reader in zip(out, self._readers, strict=True):
            reader(block, flags, row)
        return out

    def _reader(self, name: str, labels: Labels, plan: Plan) -> StratumReader:
        if name in LABELS:
            return _fixed(name, plan)
        column = find_column(name)
        if column is not None and column.kind is Kind.BOOL:
            return _truth(name, labels)
        return _Texts(name, labels, self._dictionaries)


def _check(name: str, schema: pa.Schema) -> None:
    if name not in schema.names:
        known = ", ".join((*LABELS, *ORGANISATIONS))
        raise RequestError(f"strata: there is no column {name!r}; besides the columns sent, strata are {known}")
    value = value_type(schema.field(name).type)
    column = find_column(name)
    if column is not None and column.kind is Kind.BOOL:  # whatever type it came as
        return
    plain = is_text(value) or pa.types.is_integer(value) or pa.types.is_boolean(value) or pa.types.is_null(value)
    if name == "person_id" or not plain:
        raise RequestError(f"strata: {name!r} cannot be one: strata are text, integer or bool columns, never person_id")


def _fixed(name: str, plan: Plan) -> StratumReader:
    """Of a stratum with a fixed list of labels, the last of which is for people of whom it is not known."""
    labels = LABELS[name]
    if name == SEGMENT:
        return _segment(plan)
    if name.startswith(("imd_", "age_band_")):
        source = "deprivation_decile" if name.startswith("imd_") else "age"
        table = _band_table(name, len(labels) - 1)
        return lambda block, flags, out: label_places(*block.numbers(source), table, out)
    if name == "ethnic_group":
        known = [labels.index(ETHNIC_GROUPS[code]) for code in ETHNIC_CATEGORIES]
    else:
        known = list(range(len(labels) - 1))
    table = np.array([len(labels) - 1, *known], np.int32)
    column = "ethnic_category" if name == "ethnic_group" else name
    return lambda block, flags, out: label_codes(block.codes(column), table, out)


def _band_table(name: str, unknown: int) -> Codes:
    """The label of each decile or age; larger ones have the one before the last, the last is that of no number."""
    if name == "age_band_broad":
        bands = [0] * 18 + [1] * 47 + [2]
    elif name.startswith("age_band_"):
        width = 5 if name == "age_band_5y" else 10
        bands = [age // width for age in range(91)]
    else:
        width = 1 if name == "imd_decile" else 2
        bands = [0, *((decile - 1) // width for decile in range(1, 11))]
    return np.array([*bands, unknown], np.int32)


#: Core20 only, PLUS only, both, neither, unknown: by the answers to core20 (row) and plus_any, as numbered by `answer_codes`.
_SEGMENT = np.array([[3, 3, 4, 1], [3, 3, 4, 1], [4, 4, 4, 4], [0, 0, 4, 2]], np.int32)


def _segment(plan: Plan) -> StratumReader:
    """Unknown where either is, whatever the other says."""
    answered = [indicator.name for indicator in plan.indicators]

    def read(block: Block, flags: Flags, out: Codes) -> None:
        if not {"core20", "plus_any"} <= set(answered):
            out[:] = 4
            return
        core20, plus = (np.empty(out.size, np.int8) for _ in range(2))
        answer_codes(flags.answers[answered.index("core20")], core20)
        answer_codes(flags.answers[answered.index("plus_any")], plus)
        out[:] = _SEGMENT[core20, plus]

    return read


def _truth(name: str, labels: Labels) -> StratumReader:
    """A bool column of the record, by its answer: with null as no where the request says so."""
    table = np.array([labels.code(label) for label in ("false", "true", UNKNOWN)], np.int32)
    return lambda block, flags, out: label_truths(block.truth(name), table, out)


class _Texts:
    """An organisation, or any other text, integer or bool column: its normalised text, unknown where it is null or empty, or
    where it is a code that stands for no organisation, which is tallied."""

    def __init__(self, name: str, labels: Labels, dictionaries: DictionaryMemory) -> None:
        self._name, self._labels, self._dictionaries = name, labels, dictionaries
        self._is_organisation = name in ORGANISATIONS

    def __call__(self, block: Block, flags: Flags, out: Codes) -> None:
        if self._name not in block.batch.schema.names:
            out[:] = self._labels.code(UNKNOWN)
            return
        array: Any = block.batch.column(self._name)
        if pa.types.is_boolean(value_type(array.type)):
            array = (array.dictionary_decode() if pa.types.is_dictionary(array.type) else array).cast(pa.string())
        places, dictionary = self._dictionaries.encoded(self._name, array)
        table, pseudo = self._dictionaries.of(self._name, dictionary, self._tables)
        label_places(*places, table, out)
        if pseudo is not None:
            rows = count_places(*places, pseudo)
            if rows:
                block.ledger.findings[self._name, "pseudo_code"] += rows

    def _tables(self, dictionary: ArrowArray) -> tuple[Codes, npt.NDArray[np.bool_] | None]:
        """The label of each distinct value, the last that of none; and which of them are pseudo-codes, if any."""
        texts = [(text or "").strip() for text in as_texts(dictionary)]
        if self._is_organisation:
            texts = [text.upper() for text in texts]
        if max(map(len, texts), default=0) > MOST_LABEL:
            raise RequestError(f"strata: {self._name!r} cannot be one: it has texts of more than {MOST_LABEL} characters")
        pseudo = [self._is_organisation and text in PSEUDO_ORGANISATIONS for text in texts]
        codes = [self._labels.code(UNKNOWN if gone or not text else text) for text, gone in zip(texts, pseudo, strict=True)]
        # Twice: a place is looked up as if the table went on with its last value but one.
        table = np.array([*codes, self._labels.code(UNKNOWN), self._labels.code(UNKNOWN)], np.int32)
        return table, np.array(pseudo, np.bool_) if any(pseudo) else None
