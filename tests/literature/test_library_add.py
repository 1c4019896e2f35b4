from __future__ import annotations

import gzip
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from scientist.cli.main import app
from scientist.errors import EnvironmentProblem, UsageError
from scientist.literature import adding, growing
from scientist.literature import library as library_module
from scientist.literature.library import Library, LibraryBusy
from scientist.literature.records import packaged_papers
from scientist.literature.store import Store

ROOT = Path(__file__).parents[2]
ADAM = {"id": "b:adam", "title": "Adam: A Method for Stochastic Optimization", "abstract": "We introduce frobnicators."}


def lines(path: Path, records: list[dict[str, Any]]) -> Path:
    data = "".join(json.dumps(r) + "\n" for r in records).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def many(count: int, begin: int = 0) -> list[dict[str, Any]]:
    return [
        {"id": f"m:{i}", "title": f"Paper number {i} on zyxology", "authors": ["A. Author"], "doi": f"10.1234/{i}"}
        for i in range(begin, begin + count)
    ]


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library folder with a store of the packaged bibliography, made once and copied by the tests."""
    home = tmp_path_factory.mktemp("seeded")
    seed = lines(home / "seed.bib", [])
    seed.write_text("@misc{adam, title={Adam: A Method for Stochastic Optimization}, eprint={1412.6980}}")
    Library(home=home, extra=()).add([seed])
    return home / "library"


@pytest.fixture
def own(tmp_path: Path, seeded: Path) -> Library:
    shutil.copytree(seeded, tmp_path / "library")
    return Library(home=tmp_path, extra=())


PACKAGED = sum(1 for _ in packaged_papers())


def test_a_paper_that_is_held_gains_what_it_lacked_and_keeps_its_facts(own: Library, tmp_path: Path) -> None:
    before = own.find(title=ADAM["title"])
    assert before is not None and before.authors and not before.abstract
    (added,) = own.add([lines(tmp_path / "a.jsonl", [{**ADAM, "authors": ["Diederik P. Kingma"], "year": 1999}])])
    assert (added.new, added.merged) == (0, 1)
    assert own.count() == PACKAGED
    after = own.search("frobnicators", 1)[0].paper
    assert after == before.model_copy(update={"abstract": ADAM["abstract"]})
    replaced = [{**ADAM, "id": before.id, "authors": ["Another Name"], "year": 1999}]
    own.add([lines(tmp_path / "b.jsonl", replaced)], replace=True)
    found = own.find(arxiv_id="1412.6980")
    assert found is not None and (found.authors, found.year) == (("Another Name",), 1999)
    assert own.count() == PACKAGED


def test_a_file_is_read_once_unless_again(own: Library, tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl.gz", many(10))
    own.add([path])
    (moved,) = own.add([path.rename(tmp_path / "moved.jsonl.gz")])
    assert (moved.new, moved.held) == (10, 0), "what it gave the first time"
    (again,) = own.add([tmp_path / "moved.jsonl.gz"], again=True)
    assert (again.new, again.held) == (0, 10)
    assert own.count() == PACKAGED + 10


def test_records_that_a_later_one_shows_to_be_one_paper_are_joined(own: Library, tmp_path: Path) -> None:
    apart = [
        {"id": "p:1", "title": "Zyxology before print", "authors": ["A. Author"], "arxiv_id": "2101.00001"},
        {"id": "p:2", "title": "Zyxology, the printed version", "authors": ["A. Author"], "doi": "10.1234/z"},
    ]
    own.add([lines(tmp_path / "a.jsonl", apart)])
    assert own.count() == PACKAGED + 2
    both = {**apart[0], "id": "p:3", "doi": "10.1234/Z", "abstract": "All of zyxology."}
    own.add([lines(tmp_path / "b.jsonl", [both])])
    assert own.count() == PACKAGED + 1
    assert [h.paper.id for h in own.search("zyxology", 10)] == ["p:1"]
    assert own.find(doi="10.1234/z") == own.find(arxiv_id="2101.00001")


def test_papers_of_one_title_by_different_people_stay_apart(own: Library, tmp_path: Path) -> None:
    records = [
        {"id": f"t:{i}", "title": "On the zyxology of things", "authors": [f"A. Name{'ab'[i]}"]} for i in range(2)
    ]
    records += [{"id": f"e:{i}", "title": "Editorial"} for i in range(2)]
    own.add([lines(tmp_path / "a.jsonl", records)])
    assert own.count() == PACKAGED + 4


def test_a_retraction_is_never_lost(own: Library, tmp_path: Path) -> None:
    own.add([lines(tmp_path / "a.jsonl", [{"id": "r:1", "title": "Zyxology refuted", "retracted": True}])])
    own.add([lines(tmp_path / "b.jsonl", [{"id": "r:1", "title": "Zyxology refuted", "venue": "X"}])], replace=True)
    found = own.find(title="Zyxology refuted")
    assert found is not None and found.retracted and found.venue == "X"


def test_bad_records_are_counted_and_the_first_named(own: Library, tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", many(3))
    path.write_bytes(
        path.read_bytes() + b'{"id": "x"}\nnot json\n[1]\n' + b"{}\n" * 7 + b'{"id": "y", "title": "Good"}\n'
    )
    (added,) = own.add([path])
    assert (added.new, added.bad, added.done, len(added.problems)) == (4, 10, True, 5)
    assert "no title" in added.problems[0]


def test_a_cut_gzip_file_gives_what_it_holds(own: Library, tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl.gz", [{**r, "abstract": os.urandom(300).hex()} for r in many(200)])
    path.write_bytes(path.read_bytes()[:-20_000])
    (added,) = own.add([path])
    assert 50 < added.new < 200
    assert added.bad == 1 and "cut short" in added.problems[0]


def test_nothing_is_written_if_a_file_cannot_be_read(own: Library, tmp_path: Path) -> None:
    good, odd = lines(tmp_path / "a.jsonl", many(3)), tmp_path / "b.txt"
    odd.write_text("Dear diary")
    for bad in (odd, tmp_path / "absent.bib"):
        with pytest.raises(UsageError):
            own.add([good, bad])
    assert own.count() == PACKAGED


def test_interrupted_between_batches_it_goes_on_where_it_was(
    own: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding, "BATCH", 10)
    path = lines(tmp_path / "a.jsonl", many(95))

    def stop(progress: Any) -> None:
        if progress is not None and progress.read >= 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        own.add([path], told=stop)
    *_, left = own.status().files
    assert (left.read, left.done) == (40, False)
    assert len(Library(home=tmp_path, extra=()).search("zyxology", 200)) == 40, "what was read is found"
    (added,) = own.add([path])
    assert (added.new, added.held, added.done) == (95, 0, True)
    assert own.count() == PACKAGED + 95


@pytest.mark.parametrize("after", ["records", "index"])
def test_killed_while_indexing_nothing_is_lost_or_doubled(own: Library, tmp_path: Path, after: str) -> None:
    own.add([lines(tmp_path / "a.jsonl", many(5))])
    with Library(home=tmp_path, extra=())._store() as store:
        with store.transaction():
            for record in lines_papers(tmp_path, many(5, begin=5)):
                store.put(record)
        if after == "index":
            # The index has them, but the note of it was never written.
            done = store.state("indexed")
            growing.take_in(store, own.folder / library_module.INDEX)
            store.set_state("indexed", done)
            store.set_state("writing", 1)
    later = Library(home=tmp_path, extra=())
    assert later.count() == PACKAGED + 10
    assert len(later.search("zyxology", 50)) == 10


def lines_papers(folder: Path, records: list[dict[str, Any]]) -> list[Any]:
    from scientist.literature.records import read_papers

    return list(read_papers(lines(folder / "more.jsonl", records)))


def test_kill_9_while_adding_then_again(own: Library, tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", many(12_000))
    command = [sys.executable, "-m", "scientist.cli.main", "library", "add", str(path)]
    env = {**os.environ, "SCIENTIST_LIBRARY_DIR": str(tmp_path / "library")}
    for _ in range(3):
        running = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        reached = sum(positions(tmp_path / "library"))
        end = time.monotonic() + 60
        while running.poll() is None and time.monotonic() < end:
            if sum(positions(tmp_path / "library")) > reached:
                break
            time.sleep(0.02)
        running.send_signal(signal.SIGKILL)
        running.wait(timeout=30)
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    home = Library(home=tmp_path, extra=())
    assert home.count() == PACKAGED + 12_000
    *_, progress = home.status(thorough=True).files
    assert (progress.new, progress.held, progress.bad, progress.done) == (12_000, 0, 0, True)
    assert home.status(thorough=True).fault is None


def positions(folder: Path) -> list[int]:
    """How many records were read of each file; nothing while the store is not there yet."""
    import sqlite3

    if not (folder / library_module.RECORDS).exists():
        return []
    try:
        with sqlite3.connect(folder / library_module.RECORDS, timeout=5) as db:
            return [json.loads(row[0])["position"] for row in db.execute("SELECT progress FROM files")]
    except sqlite3.OperationalError:
        return []


@pytest.mark.parametrize("damage", ["truncate", "remove", "flip", "meta", "version"])
def test_a_damaged_index_is_rebuilt_from_the_records(
    own: Library, tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    own.add([lines(tmp_path / "a.jsonl", many(50))])
    folder = own.folder / library_module.INDEX
    victim = max(folder.glob("*.store"), key=lambda p: p.stat().st_size)
    data = victim.read_bytes()
    victim.unlink()
    if damage == "truncate":
        victim.write_bytes(data[: len(data) // 2])
    elif damage == "flip":
        victim.write_bytes(data[:40] + bytes([data[40] ^ 1]) + data[41:])
    elif damage in ("meta", "version"):
        victim.write_bytes(data)
        name = "meta.json" if damage == "meta" else growing.MANIFEST
        (folder / name).write_text("{}")
    fresh = Library(home=tmp_path, extra=())
    assert fresh.status().fault is not None
    with caplog.at_level(logging.WARNING):
        assert len(fresh.search("zyxology", 100)) == 50
    assert "built again from its" in caplog.text
    assert fresh.count() == PACKAGED + 50
    assert fresh.status(thorough=True).fault is None


def test_damaged_records_say_what_to_do(own: Library, tmp_path: Path) -> None:
    own.add([lines(tmp_path / "a.jsonl", many(5))])
    (own.folder / library_module.RECORDS).write_bytes(b"not a database" * 1000)
    for path in own.folder.glob("*.sqlite-*"):
        path.unlink()
    with pytest.raises(EnvironmentProblem, match="add your files again"):
        Library(home=tmp_path, extra=()).search("dropout", 1)


def test_one_process_adds_while_others_search(own: Library, tmp_path: Path) -> None:
    own.add([lines(tmp_path / "a.jsonl", many(5))])
    with own._sole_use():
        other = Library(home=tmp_path, extra=())
        assert len(other.search("zyxology", 10)) == 5
        with pytest.raises(LibraryBusy):
            other.add([lines(tmp_path / "b.jsonl", many(5, begin=5))])


def test_a_store_of_another_version_is_not_touched(own: Library, tmp_path: Path) -> None:
    own.add([lines(tmp_path / "a.jsonl", many(1))])
    with own._store() as store:
        store.set_state("version", 99)
    with pytest.raises(EnvironmentProblem, match="another version"):
        Store(own.folder / library_module.RECORDS)


def test_extra_files_stand_beside_what_was_added(own: Library, tmp_path: Path) -> None:
    own.add([lines(tmp_path / "a.jsonl", many(3))])
    extra = lines(
        tmp_path / "x.jsonl", [{"id": "m:1", "title": "Renamed zyxology"}, {"id": "x:9", "title": "Zyxology"}]
    )
    both = Library(home=tmp_path, extra=[extra])
    titles = {h.paper.id: h.paper.title for h in both.search("zyxology", 10)}
    assert sorted(titles) == ["m:0", "m:1", "m:2", "x:9"]
    assert titles["m:1"] == "Renamed zyxology"


def test_the_commands(own: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIENTIST_LIBRARY_DIR", str(tmp_path / "library"))
    monkeypatch.delenv("SCIENTIST_LIBRARY", raising=False)
    run = CliRunner().invoke
    path = lines(tmp_path / "a.jsonl", [*many(2), {"id": "bad"}])
    added = run(app, ["library", "add", str(path), "--json"])
    assert added.exit_code == 0 and json.loads(added.stdout)[0]["new"] == 2
    status = json.loads(run(app, ["library", "status", "--check", "--json"]).stdout)
    assert (status["papers"], status["fault"]) == (PACKAGED + 2, None)
    assert "2 papers" not in run(app, ["library", "status"]).stdout
    found = json.loads(run(app, ["library", "search", "zyxology", "--json"]).stdout)
    assert [h["paper"]["id"] for h in found] == ["m:0", "m:1"]
    assert "Paper number 1 on zyxology" in run(app, ["library", "search", "zyxology"]).stdout


@pytest.mark.parametrize("form", ["jsonl", "bibtex", "csl"])
def test_what_is_exported_can_be_added(
    own: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setenv("SCIENTIST_LIBRARY_DIR", str(tmp_path / "library"))
    monkeypatch.delenv("SCIENTIST_LIBRARY", raising=False)
    file = tmp_path / f"out.{form}"
    done = CliRunner().invoke(
        app, ["library", "export", str(file), "--format", form, "--query", "dropout networks", "--limit", "20"]
    )
    assert done.exit_code == 0, done.output
    exported = [h.paper for h in Library().search("dropout networks", 20)]
    fresh = own
    (added,) = fresh.add([file])
    assert (added.read, added.new, added.bad) == (20, 0, 0), "each is recognised as the paper that it was"
    assert fresh.count() == PACKAGED
    for paper in exported:
        found = fresh.find(title=paper.title)
        # The address of a preprint is written to BibTeX, so it is new.
        assert found is not None and found.model_copy(update={"url": paper.url}) == paper


def test_a_whole_export_holds_every_paper_once(own: Library, tmp_path: Path) -> None:
    own.add([lines(tmp_path / "a.jsonl", many(5))])
    ids = [p.id for p in own.papers()]
    assert len(ids) == len(set(ids)) == PACKAGED + 5
