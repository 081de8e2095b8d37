"""The journal's file: whole records or none, whatever happens to the process, the disk and the format."""

from __future__ import annotations

import io
import math
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackside.entities import Metric, Param, RunStatus, Tag
from trackside.stores.journal import DAMAGED_SUFFIX, Journal, UnknownJournalError, find_journals, peek
from trackside.stores.records import (
    Change,
    ExperimentWanted,
    FileKept,
    Logged,
    NewRun,
    TagDeleted,
    Updated,
    payload_of,
    step_of,
    steps_of,
)

RUN = "f" * 32
numbers = st.floats(allow_nan=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
whole = st.integers(-(2**63), 2**63 - 1)
points = st.builds(Metric, texts, numbers, whole, whole)
changes = st.one_of(
    st.builds(
        Logged,
        st.lists(points, max_size=5),
        st.lists(st.builds(Param, texts, texts), max_size=3),
        st.lists(st.builds(Tag, texts, texts), max_size=3),
    ),
    st.builds(Updated, st.sampled_from([None, *RunStatus]), st.none() | whole, st.none() | texts),
    st.builds(TagDeleted, texts),
    st.builds(FileKept, texts, texts, whole),
    st.builds(
        NewRun,
        st.builds(
            ExperimentWanted,
            st.none() | texts,
            texts,
            st.lists(st.tuples(texts, texts), max_size=2).map(tuple),
            st.dictionaries(texts, texts, max_size=2),
        ),
        texts,
        texts,
        whole,
        st.dictionaries(texts, texts, max_size=3),
    ),
)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal.create(tmp_path, "sqlite:////somewhere/mlflow.db")


def left_behind(journal: Journal) -> Path:
    """The file of a journal whose process is gone."""
    journal.abandon()
    return journal.path


def taken_over(path: Path) -> Journal:
    journal = Journal.take_over(path)
    assert journal is not None
    return journal


@given(texts, changes)
def test_what_is_logged_is_read_back_exactly(run_id: str, change: Change) -> None:
    step = step_of(payload_of(run_id, change))
    assert (step.run_id, step.change) == (run_id, change)


def test_numbers_that_are_none_are_kept() -> None:
    change = Logged([Metric("a", math.nan, 1), Metric("b", -math.inf, 1), Metric("c", -0.0, 1)], [Param("p", "v")])
    for part in (change, Logged(change.metrics)):
        read = step_of(payload_of(RUN, part)).change
        assert isinstance(read, Logged)
        assert [struct.pack("<d", point.value) for point in read.metrics] == [
            struct.pack("<d", point.value) for point in change.metrics
        ]


def test_what_is_logged_in_a_row_is_taken_together_and_the_order_is_kept() -> None:
    first, second = Logged([Metric("m", 1.0, 1)], tags=[Tag("t", "old")]), Logged(tags=[Tag("t", "new")])
    payloads = [payload_of("a", first), payload_of("b", first), payload_of("a", second)]
    payloads += [payload_of("a", Updated(RunStatus.FINISHED)), payload_of("a", first)]
    steps = steps_of(payloads)
    assert [(step.run_id, len(step.payloads)) for step in steps] == [("a", 2), ("a", 1), ("a", 1), ("b", 1)]
    assert steps[0].change == Logged([Metric("m", 1.0, 1)], [], [Tag("t", "old"), Tag("t", "new")])


def test_records_come_back_in_order_until_they_are_marked(journal: Journal) -> None:
    payloads = [bytes([65 + number]) * (1 + number * 40_000) for number in range(20)]
    for payload in payloads:
        journal.append(payload)
    assert journal.waiting == 20
    read: list[bytes] = []
    while chunk := journal.read().payloads:
        read += chunk
        journal.mark(journal.read())
    assert read == payloads
    assert journal.waiting == 0
    assert journal.delivered == journal.end


def test_a_record_larger_than_any_part_is_read(journal: Journal) -> None:
    journal.append(b"x" * 3_000_000)
    assert [len(payload) for payload in journal.read().payloads] == [3_000_000]


def test_a_file_in_which_everything_is_delivered_does_not_grow(journal: Journal) -> None:
    for number in range(40):
        journal.append(bytes([number]) * 100_000)
        journal.mark(journal.read())
    assert journal.path.stat().st_size < 1_200_000
    journal.append(b"last")
    assert journal.read().payloads == [b"last"]
    assert journal.end > 4_000_000 > journal.path.stat().st_size
    assert taken_over(left_behind(journal)).read().payloads == [b"last"]


def test_a_living_process_keeps_its_journal_and_a_dead_one_leaves_it(journal: Journal) -> None:
    journal.append(b"one")
    assert Journal.take_over(journal.path) is None
    heir = taken_over(left_behind(journal))
    assert heir.uri == "sqlite:////somewhere/mlflow.db"
    assert heir.read().payloads == [b"one"]
    heir.mark(heir.read())
    heir.close()
    assert find_journals(journal.path.parent) == []


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_torn_last_record_hides_none_before_it(journal: Journal, cut: int) -> None:
    journal.append(b"first")
    journal.append(b"torn")
    path = left_behind(journal)
    path.write_bytes(path.read_bytes()[:-cut])
    heir = taken_over(path)
    assert heir.read().payloads == [b"first"]
    heir.mark(heir.read())
    heir.close()
    assert not path.exists()


def test_zeros_after_a_power_failure_hide_none_before_them(journal: Journal) -> None:
    journal.append(b"first")
    path = left_behind(journal)
    path.write_bytes(path.read_bytes() + bytes(5000))
    assert taken_over(path).read().payloads == [b"first"]


def test_a_damaged_file_is_kept(journal: Journal) -> None:
    for payload in (b"first", b"second", b"third"):
        journal.append(payload)
    path = left_behind(journal)
    path.write_bytes(path.read_bytes().replace(b"second", b"sec0nd"))
    heir = taken_over(path)
    assert heir.read().payloads == [b"first"]
    heir.mark(heir.read())
    heir.close()
    assert b"third" in path.with_suffix(DAMAGED_SUFFIX).read_bytes()


def test_a_journal_of_the_first_version_is_read(tmp_path: Path) -> None:
    """Byte for byte as the first version wrote it."""
    path = tmp_path / "1-abc.journal"
    first, second = b'{"uri": "sqlite:////somewhere/mlflow.db"}', b'j{"run":"r","delete_tag":"t"}'
    start = struct.pack("<8sH6xQ", b"TSJRNL\r\n", 1, 24 + 8 + len(first))
    framed = [struct.pack("<II", len(part), zlib.crc32(part)) + part for part in (first, second)]
    path.write_bytes(start + b"".join(framed))
    heir = taken_over(path)
    assert (heir.uri, heir.waiting) == ("sqlite:////somewhere/mlflow.db", 1)
    assert [(step.run_id, step.change) for step in steps_of(heir.read().payloads)] == [("r", TagDeleted("t"))]


@pytest.mark.parametrize("version", [0, 3, 999])
def test_another_version_of_the_format_is_left_as_it_is(journal: Journal, version: int) -> None:
    journal.append(b"from another time")
    path = left_behind(journal)
    content = bytearray(path.read_bytes())
    content[8:10] = struct.pack("<H", version)
    path.write_bytes(content)
    with pytest.raises(UnknownJournalError, match=f"version {version}"):
        Journal.take_over(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"TSJRNL", b"\0" * 10])
def test_a_file_whose_maker_died_before_its_first_word_goes(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "1-abc.journal"
    path.write_bytes(content)
    assert Journal.take_over(path) is None
    assert not path.exists()


def test_another_file_of_that_name_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "1-abc.journal"
    path.write_bytes(b"dear diary, " * 100)
    with pytest.raises(UnknownJournalError):
        Journal.take_over(path)
    assert path.exists()


def test_files_that_no_record_names_go_with_their_journal(journal: Journal) -> None:
    name, size = journal.keep(io.BytesIO(b"x" * 3_000_000))
    assert (size, journal.kept(name).stat().st_size) == (3_000_000, 3_000_000)
    taken_over(left_behind(journal)).close()
    assert list(journal.path.parent.iterdir()) == []


def test_a_journal_says_since_when_its_records_wait(journal: Journal) -> None:
    journal.append(b"one")
    journal.note_away(1_700_000_000_123)
    journal.append(b"two")
    assert peek(journal.path) == (2, 1_700_000_000_123)
    journal.mark(journal.read())
    journal.note_away(0)
    count, since = peek(journal.path)
    assert count == 0
    assert since > 1_700_000_000_123


def test_a_closed_journal_takes_nothing_and_writes_into_no_other_file(journal: Journal, tmp_path: Path) -> None:
    journal.close()
    with (tmp_path / "another").open("wb", buffering=0) as another:
        with pytest.raises(OSError, match="file descriptor"):
            journal.append(b"late")
        assert another.tell() == 0
