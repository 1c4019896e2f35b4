from __future__ import annotations

import gzip
import json
import logging
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scientist.errors import EnvironmentProblem, UsageError
from scientist.literature import index
from scientist.literature.base import SOURCES, Finder
from scientist.literature.library import Library
from scientist.literature.records import packaged_bytes, packaged_papers

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"
RECORDS = [
    {"id": "x:1", "title": "Sequential grokking of toy lattices", "authors": ["Zoë Brontë"], "year": 2024},
    {"id": "x:2", "title": "A second paper", "abstract": "On frobnication.", "venue": "Journal of Things"},
]


def record_file(folder: Path, records: list[dict[str, object]], *, packed: bool = False) -> Path:
    data = "".join(json.dumps(r) + "\n" for r in records).encode()
    path = folder / ("records.jsonl.gz" if packed else "records.jsonl")
    path.write_bytes(gzip.compress(data) if packed else data)
    return path


def folders(library: Library) -> list[Path]:
    return sorted(library.folder.glob("index-*"))


def test_packaged_bibliography_is_small_and_complete() -> None:
    papers = list(packaged_papers())
    assert len(packaged_bytes()) < 1_000_000
    assert packaged_bytes()[4:8] == b"\0\0\0\0", "the gzip header must hold no date"
    assert len(papers) == len({p.id for p in papers}) >= 7157
    assert all(p.title and p.authors and p.year and p.venue and not p.abstract for p in papers)
    assert len({p.arxiv_id for p in papers if p.arxiv_id}) == sum(1 for p in papers if p.arxiv_id)


def test_a_known_title_is_found_first(library: Library) -> None:
    papers = list(packaged_papers())[::400]
    assert all(library.search(p.title, 3)[0].paper == p for p in papers)


@pytest.mark.parametrize(
    "query",
    [
        'dropout: "simple" way -prevent',
        "title:dropout AND (overfitting OR",
        "dropout~ overfitting^2 [a TO b] {x} \\ / ' +",
        "How does dropout prevent overfitting?",
        "DROPOUT   overfitting ✓ 漢字",
    ],
)
def test_no_character_of_a_query_is_syntax(library: Library, query: str) -> None:
    titles = [h.paper.title for h in library.search(query, 5)]
    assert "Dropout: A Simple Way to Prevent Neural Networks from Overfitting" in titles


@pytest.mark.parametrize("query", ["", "   ", "how does the", '"":-()', "漢字"])
def test_a_query_without_content_finds_nothing(library: Library, query: str) -> None:
    assert library.search(query, 5) == []


def test_results_are_ordered_limited_and_repeatable(library: Library) -> None:
    hits = library.search("deep learning", 50)
    assert len(hits) == 50
    assert hits == sorted(hits, key=lambda h: (-h.score, h.paper.id))
    assert hits[:7] == library.search("deep learning", 7)
    assert library.search("deep learning", 0) == []
    ties = [h.paper.id for h in hits]
    assert len({h.score for h in hits}) < len(ties), "the case needs ties to say anything"


def test_stems_accents_and_authors_match(library: Library) -> None:
    assert library.search("regularizing dropouts", 40)
    assert any("Jégou" in " ".join(h.paper.authors) for h in library.search("Jegou", 5))


def test_find_by_identifier_and_title(library: Library) -> None:
    assert isinstance(library, Finder)
    adam = library.find(arxiv_id="arXiv:1412.6980v9")
    assert adam is not None and adam.title.startswith("Adam")
    assert library.find(title="adam — a METHOD for stochastic optimization") == adam
    resnet = library.find(doi="10.1109/cvpr.2016.90")
    assert resnet is not None and resnet.arxiv_id == "1512.03385"
    assert library.find(arxiv_id="9999.99999") is None
    assert library.find(title="Adam") is None
    assert [h.paper for h in library.search("1412.6980", 5)] == [adam]


def test_add_survives_and_replaces(tmp_path: Path, library_home: Path) -> None:
    shutil.copytree(library_home, tmp_path / "home")
    library = Library(home=tmp_path / "home", extra=())
    before = library.count()
    (added,) = library.add([record_file(tmp_path, RECORDS, packed=True)])
    assert (added.new, added.merged, added.held, added.bad, added.done) == (2, 0, 0, 0, True)
    assert library.count() == before + 2
    later = Library(home=tmp_path / "home", extra=())
    assert later.search("frobnication", 5)[0].paper.id == "x:2"
    assert later.search("bronte lattices", 1)[0].paper.authors == ("Zoë Brontë",)
    replaced = Library(home=tmp_path / "home", extra=[record_file(tmp_path, [{"id": "x:1", "title": "Renamed quux"}])])
    assert replaced.count() == before + 2
    assert replaced.search("lattices toy sequential grokking", 40)[0].paper.id != "x:1"
    assert replaced.search("quux", 1)[0].paper.id == "x:1"


@pytest.mark.parametrize(
    "line", ["not json", '{"id": "x"}', '{"id": "x", "title": " "}', "[1]", '{"id": "x", "title": "t", "year": "soon"}']
)
def test_an_extra_file_that_is_not_records_is_refused_whole(tmp_path: Path, line: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(json.dumps(RECORDS[0]) + "\n" + line + "\n")
    with pytest.raises(UsageError, match="line 2"):
        Library(home=tmp_path / "home", extra=[path]).search("dropout", 1)


def test_environment_names_home_and_extra_records(tmp_path: Path) -> None:
    path = record_file(tmp_path, RECORDS)
    code = "from scientist.literature.base import open_sources\nl, = open_sources(['library'])\n"
    code += "print(l.folder, l.search('frobnication', 1)[0].paper.id)"
    env = {"SCIENTIST_HOME": str(tmp_path / "h"), "SCIENTIST_LIBRARY": str(path)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=env,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == [str(tmp_path / "h" / "library"), "x:2"], done.stderr


def test_a_missing_extra_file_says_what_to_mend(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="SCIENTIST_LIBRARY"):
        Library(home=tmp_path, extra=[tmp_path / "absent"]).search("dropout", 1)


def test_a_home_that_cannot_be_a_folder_says_what_to_mend(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentProblem, match="SCIENTIST_HOME"):
        Library(home=tmp_path / "file", extra=()).search("dropout", 1)


@pytest.mark.parametrize("damage", ["truncate", "flip", "remove", "manifest"])
def test_a_damaged_index_is_rebuilt_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    papers = list(packaged_papers())[:50]
    folder = tmp_path / "index-a"
    index.build(folder, papers)
    assert index.open_if_sound(folder) is not None
    victim = max(folder.glob("*.store"), key=lambda p: p.stat().st_size)
    data = victim.read_bytes()
    # A new file: one that this process still has mapped must not shrink under it.
    victim.unlink()
    if damage == "truncate":
        victim.write_bytes(data[: len(data) // 2])
    elif damage == "flip":
        victim.write_bytes(data[:40] + bytes([data[40] ^ 1]) + data[41:])
    elif damage == "manifest":
        victim.write_bytes(data)
        (folder / index.MANIFEST).write_text("{")
    with caplog.at_level(logging.WARNING):
        assert index.open_if_sound(folder) is None
    assert "damaged" in caplog.text
    assert index.build(folder, papers).search(papers[7].title, 1)[0].paper == papers[7]


def test_the_library_mends_itself_and_old_indexes_go(tmp_path: Path, library_home: Path) -> None:
    shutil.copytree(library_home, tmp_path, dirs_exist_ok=True)
    library = Library(home=tmp_path, extra=())
    (only,) = folders(library)
    (only / "meta.json").write_text("")
    (library.folder / ".build-left").mkdir()
    for i in range(6):
        (library.folder / f"index-old{i}").mkdir()
    assert Library(home=tmp_path, extra=()).find(arxiv_id="1412.6980") is not None
    assert only in folders(library)
    assert len(folders(library)) == 4
    assert not list(library.folder.glob(".build-*"))


def test_two_processes_may_build_at_once(tmp_path: Path) -> None:
    code = "import sys, pathlib; from scientist.literature.library import Library\n"
    code += "print(Library(home=pathlib.Path(sys.argv[1]), extra=()).search('dropout', 1)[0].paper.id)"
    start = [sys.executable, "-c", code, str(tmp_path)]
    root = Path(__file__).parents[2]
    both = [subprocess.Popen(start, cwd=root, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    answers = [p.communicate(timeout=60)[0] for p in both]
    assert [p.returncode for p in both] == [0, 0]
    assert answers[0] == answers[1] != ""
    assert len(list((tmp_path / "library").glob("index-*"))) == 1


def test_the_key_follows_data_and_schema() -> None:
    assert index.key([b"a"]) == index.key([b"a"])
    assert len({index.key([b"a"]), index.key([b"b"]), index.key([b"a", b"b"]), index.key([b"b", b"a"])}) == 4


def test_every_registered_source_has_the_protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIENTIST_OPENSEARCH_URL", "http://127.0.0.1:9/papers")
    for name in SOURCES.names():
        source = SOURCES.load(name)()
        assert source.name == name
        assert callable(source.search)


def test_a_large_record_file_is_read() -> None:
    path = SHARED / "bibliography.jsonl.gz"
    if not path.exists():
        pytest.skip("the large bibliography is not on this machine")
    from itertools import islice

    from scientist.literature.records import read_papers

    assert len({p.id for p in islice(read_papers(path), 2000)}) == 2000
