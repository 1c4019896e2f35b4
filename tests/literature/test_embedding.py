"""The library's search by words and meaning: fusion, kept vectors, and what happens without a package."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scientist.errors import EnvironmentProblem, UsageError
from scientist.literature import encoders, index, vectors
from scientist.literature.base import open_sources
from scientist.literature.embedding import CONSTANT, ENCODERS, VECTOR_WEIGHT, Blended, fused
from scientist.literature.library import Library
from scientist.types import Paper

MEANINGS = (("cat", "feline", "kitten"), ("dog", "canine", "puppy"), ("fish", "trout", "salmon"))


class Toy:
    """Synonyms share a dimension, and nothing else counts."""

    def __init__(self, identity: str = "toy 1") -> None:
        self.identity = identity
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> Any:
        self.texts += [t for t in texts if t]
        rows = [[float(sum(t.lower().split().count(w) for w in words)) for words in MEANINGS] for t in texts]
        return encoders.unit(np.asarray(rows, dtype=np.float32).reshape(len(rows), len(MEANINGS)))


def paper(number: int, title: str) -> Paper:
    return Paper(id=f"x:{number}", title=title, source="x")


PAPERS = [paper(1, "The cat sat"), paper(2, "A feline of note"), paper(3, "The dog sat"), paper(4, "Stones")]


def built(folder: Path, papers: Sequence[Paper] = PAPERS) -> index.Index:
    return index.build(folder / "index-a", papers)


def found(blended: Blended, query: str, limit: int = 10) -> list[str]:
    return [h.paper.id for h in blended.search(query, limit)]


def test_fusion_adds_what_places_are_worth() -> None:
    both = fused(["a", "b"], ["b", "c"], weight=0.5)
    assert both == [
        ("b", round(1 / (CONSTANT + 2) + 0.5 / (CONSTANT + 1), 6)),
        ("a", round(1 / (CONSTANT + 1), 6)),
        ("c", round(0.5 / (CONSTANT + 2), 6)),
    ]
    assert fused(["b"], [], weight=1.0) == [("b", round(1 / (CONSTANT + 1), 6))]
    assert [i for i, _ in fused(["b"], ["a"], weight=1.0)] == ["a", "b"], "ties by id"
    assert 0 < VECTOR_WEIGHT < 1


def test_a_paper_is_found_by_meaning_behind_those_found_by_words(tmp_path: Path) -> None:
    words = built(tmp_path)
    assert [h.paper.id for h in words.search("cat", 10)] == ["x:1"]
    blended = Blended(words, Toy())
    assert found(blended, "cat") == ["x:1", "x:2"]
    assert found(blended, "kitten") == ["x:1", "x:2"], "no word is shared"
    assert found(blended, "cat", 1) == ["x:1"]
    assert found(blended, "granite") == [], "nothing is near to nothing"
    assert found(blended, "  ") == found(blended, "cat", 0) == []


def test_nearest_is_exact_and_breaks_ties_by_id() -> None:
    table = np.asarray([[1, 0], [1, 0], [0.6, 0.8], [0, 1], [-1, 0]], dtype=np.float32)
    kept = vectors.Vectors([("b", ""), ("a", ""), ("c", ""), ("d", ""), ("e", "")], table)
    query = np.asarray([1, 0], dtype=np.float32)
    assert kept.nearest(query, 1) == ["a"]
    assert kept.nearest(query, 3) == ["a", "b", "c"]
    assert kept.nearest(query, 99) == ["a", "b", "c"], "right angles and opposites are not near"


def test_only_new_and_changed_records_are_encoded(tmp_path: Path) -> None:
    encoder = Toy()
    Blended(built(tmp_path), encoder)
    assert len(encoder.texts) == 4
    later = Toy()
    Blended(index.opened(tmp_path / "index-a"), later)
    assert later.texts == []
    changed = [*PAPERS[:2], paper(3, "The trout sat"), paper(5, "A puppy")]
    blended = Blended(built(tmp_path, changed), later)
    assert sorted(later.texts) == ["A puppy\n", "The trout sat\n"]
    assert found(blended, "salmon") == ["x:3"]
    assert found(blended, "canine") == ["x:5"], "what the dog was is forgotten"
    assert found(blended, "kitten") == ["x:1", "x:2"], "what stayed was taken over"


def test_another_model_makes_all_vectors_again(tmp_path: Path) -> None:
    words = built(tmp_path)
    Blended(words, Toy())
    other = Toy("toy 2")
    Blended(words, other)
    assert len(other.texts) == 4
    assert [p.name for p in tmp_path.glob("vectors-*")] == ["vectors-index-a"]


@pytest.mark.parametrize("name", [vectors.TABLE, vectors.ROWS, vectors.MANIFEST])
@pytest.mark.parametrize("harm", ["cut", "gone", "altered"])
def test_damaged_vectors_are_made_again(tmp_path: Path, name: str, harm: str, caplog: Any) -> None:
    words = built(tmp_path)
    Blended(words, Toy())
    path = vectors.folder_of(words.folder) / name
    data = path.read_bytes()
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(data[:-2] if harm == "cut" else b"?" + data[1:])
    again = Toy()
    assert found(Blended(words, again), "kitten") == ["x:1", "x:2"]
    assert len(again.texts) == 5, "four records and the query"
    assert "damaged" in caplog.text


def test_a_killed_making_leaves_what_was_there(tmp_path: Path) -> None:
    class Killed(Toy):
        def encode(self, texts: Sequence[str]) -> Any:
            if any(texts):
                raise KeyboardInterrupt
            return super().encode(texts)

    Blended(built(tmp_path), Toy())
    kept = (tmp_path / "vectors-index-a" / vectors.MANIFEST).read_bytes()
    with pytest.raises(KeyboardInterrupt):
        Blended(built(tmp_path, [*PAPERS, paper(6, "A kitten")]), Killed())
    assert (tmp_path / "vectors-index-a" / vectors.MANIFEST).read_bytes() == kept
    assert not list(tmp_path.glob(".build-*"))


def test_vectors_of_an_index_that_is_gone_are_removed(tmp_path: Path) -> None:
    (tmp_path / "vectors-index-gone").mkdir()
    Blended(built(tmp_path), Toy())
    assert [p.name for p in tmp_path.glob("vectors-*")] == ["vectors-index-a"]


def test_an_index_without_records(tmp_path: Path) -> None:
    assert found(Blended(built(tmp_path, []), Toy()), "cat") == []


def test_the_library_follows_what_is_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toy = Toy()
    monkeypatch.setattr(ENCODERS, "load", lambda name: lambda: toy)
    records = tmp_path / "mine.jsonl"
    records.write_text("\n".join(p.model_dump_json() for p in PAPERS[:2]) + "\n")
    library = Library(home=tmp_path, extra=(), embed="toy")
    library.add([records])
    assert "x:2" in [h.paper.id for h in library.search("kitten", 10)]
    before = len(toy.texts)
    records.write_text(json.dumps({"id": "x:9", "title": "One puppy zyxology", "source": "x"}) + "\n")
    library.add([records])
    assert "x:9" in [h.paper.id for h in library.search("puppy", 10)]
    assert toy.texts[before:] == ["One puppy zyxology\n", "puppy"], "one record and the query"


def test_off_unless_it_is_asked_for(library_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCIENTIST_EMBED", raising=False)
    assert Library(home=library_home, extra=())._embed == ""
    monkeypatch.setenv("SCIENTIST_EMBED", "nonsense")
    with pytest.raises(UsageError, match="no encoder is called 'nonsense'"):
        Library(home=library_home, extra=()).search("dropout", 1)
    with pytest.raises(UsageError, match="known: "):
        open_sources(["library"])
    open_sources(["library"], embed="")
    assert Library(home=library_home, extra=(), embed="").search("dropout", 1)


def test_a_missing_package_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "STATIC_PACKAGE", "no_such_package_of_vectors")
    with pytest.raises(EnvironmentProblem, match="is not installed") as raised:
        ENCODERS.load("static")()
    assert "scientist[embed]" in raised.value.hint
    monkeypatch.setitem(__import__("sys").modules, "sentence_transformers", None)
    with pytest.raises(EnvironmentProblem, match="sentence-transformers is not installed"):
        ENCODERS.load("sentence-transformers")()


def test_the_transformer_encoder_gives_unit_vectors(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Model:
        def __init__(self, name: str) -> None:
            if name == "absent":
                raise OSError("no such model")

        def encode(self, texts: list[str], **options: Any) -> Any:
            return np.asarray([[3.0, 4.0]] * len(texts))

    module = type("Module", (), {"SentenceTransformer": Model})
    monkeypatch.setitem(__import__("sys").modules, "sentence_transformers", module)
    monkeypatch.setattr(encoders, "version", lambda name: "9")
    (tmp_path / "weights").write_text("1")
    first = encoders.TransformerEncoder(str(tmp_path))
    assert first.encode(["a", "b"]) == pytest.approx(np.asarray([[0.6, 0.8], [0.6, 0.8]]))
    (tmp_path / "weights").write_text("other")
    assert encoders.TransformerEncoder(str(tmp_path)).identity != first.identity
    with pytest.raises(EnvironmentProblem, match="cannot be loaded"):
        encoders.TransformerEncoder("absent")


@pytest.mark.skipif(importlib.util.find_spec("wordllama") is None, reason="the extra embed is not installed")
def test_the_static_encoder_tells_near_from_far() -> None:
    encoder = ENCODERS.load("static")()
    near, other, far, empty = encoder.encode(["training neural networks", "deep learning", "medieval poetry", ""])
    assert near @ other > near @ far + 0.1
    assert np.linalg.norm(near) == pytest.approx(1, abs=1e-5)
    assert not empty.any()
    again = encoder.encode(["training neural networks"])
    assert np.array_equal(again[0], near), "what came before does not matter"
