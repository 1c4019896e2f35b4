"""The whole main job: a topic in, a reviewed PDF out, every number of which is in the ledger."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from pypdf import PdfReader

from scientist.types import Evidence
from tests.e2e.conftest import Command

TOPIC = "does weight decay speed up grokking?"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, scientist: Command) -> tuple[Path, dict[str, object]]:
    """A smoke run of the grokking template, and the object that it printed."""
    pytest.importorskip("torch", reason="the template needs torch")
    folder = tmp_path_factory.mktemp("main-job")
    done = scientist("run", TOPIC, "--preset", "smoke", "--json", "--min-score", "1", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)


def test_the_printed_object_says_where_everything_is(finished: tuple[Path, dict[str, object]]) -> None:
    folder, printed = finished
    assert printed["template"] == "grokking"
    assert printed["decision"] == "publish"
    assert printed["runs_failed"] == 0
    paper = Path(str(printed["paper"]))
    assert paper.parent.parent == folder / "papers"
    assert {p.name for p in paper.parent.iterdir()} >= {"paper.pdf", "review.md", "review.json", "evidence.json"}


def test_the_paper_is_whole(finished: tuple[Path, dict[str, object]]) -> None:
    pages = _pages(finished)
    text = " ".join(pages)
    assert 4 <= len(pages) <= 10
    for heading in ("Abstract", "Introduction", "Related work", "Method", "Results", "Limitations", "References"):
        assert heading in text
    assert "??" not in text
    assert "Provenance of every number" in text


def test_every_number_of_abstract_and_results_is_in_the_ledger(finished: tuple[Path, dict[str, object]]) -> None:
    _, printed = finished
    evidence = Evidence.model_validate_json((Path(str(printed["folder"])) / "evidence.json").read_text())
    known = {n for q in evidence.quantities for n in _numbers(f"{_plain(q.display)} {_plain(q.display_interval)}")}
    text = " ".join(_pages(finished))
    abstract = text[text.index("Abstract") : text.index("1 Introduction")]
    found = set(_numbers(abstract))
    assert len(found) >= 4
    assert found <= known, f"typed by nobody: {sorted(found - known)}"


def test_numbers_are_links_to_their_provenance(finished: tuple[Path, dict[str, object]]) -> None:
    _, printed = finished
    reader = PdfReader(str(printed["paper"]))
    targets = {a.get_object().get("/Dest") or a.get_object().get("/A", {}).get("/D")
               for a in reader.pages[0].get("/Annots", [])}  # fmt: skip
    ledger = [t for t in targets if str(t).startswith("q:")]
    assert len(ledger) >= 4
    assert {str(t) for t in ledger} <= {str(n) for n in reader.named_destinations}


def test_means_are_those_of_the_result_files(finished: tuple[Path, dict[str, object]]) -> None:
    _, printed = finished
    folder = Path(str(printed["folder"]))
    evidence = Evidence.model_validate_json((folder / "evidence.json").read_text())
    means = [q for q in evidence.quantities if q.kind == "mean"]
    assert means
    for quantity in means:
        values = [_pointed(folder, source) for source in quantity.sources]
        assert quantity.value == pytest.approx(sum(values) / len(values))


def test_citations_are_records_of_the_library(finished: tuple[Path, dict[str, object]]) -> None:
    _, printed = finished
    folder = Path(str(printed["folder"]))
    records = {json.loads(line)["key"] for line in (folder / "literature.jsonl").read_text().splitlines()}
    cited = set(re.findall(r"\\cite[pt]\{([^}]*)\}", (folder / "manuscript" / "main.tex").read_text()))
    cited = {key.strip() for group in cited for key in group.split(",")}
    assert len(cited) >= 5
    assert cited <= records


def test_list_and_show_know_the_run(finished: tuple[Path, dict[str, object]], scientist: Command) -> None:
    folder, printed = finished
    listed = json.loads(scientist("list", "--json", cwd=folder).stdout)
    assert {"run_id": printed["run_id"], "state": "published"}.items() <= listed[0].items()
    shown = json.loads(scientist("show", str(printed["run_id"]), "--json", cwd=folder).stdout)
    assert shown["claims"]
    assert shown["plan"]["hypothesis"]


def test_the_paper_can_be_reviewed_on_its_own(finished: tuple[Path, dict[str, object]], scientist: Command) -> None:
    folder, printed = finished
    done = scientist("review", str(printed["paper"]), "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    (review,) = json.loads(done.stdout)
    assert review["overall"] == json.loads((Path(str(printed["paper"])).parent / "review.json").read_text())["overall"]
    assert not [f for f in review["findings"] if f["severity"] == "error"]


def _pages(finished: tuple[Path, dict[str, object]]) -> list[str]:
    paper = str(finished[1]["paper"])
    text = subprocess.run(["pdftotext", "-layout", paper, "-"], capture_output=True, text=True, check=False).stdout
    pages = text.split("\f")[:-1] if text else [p.extract_text() for p in PdfReader(paper).pages]
    return [re.sub(r"\s+", " ", page) for page in pages]


def _plain(display: str) -> str:
    return display.replace("$-$", "-").replace(r"\,", "").replace("\\%", "%").replace("$<$", "<")


def _numbers(text: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d)[\s\u2009](?=\d{3}\b)", "", text))


def _pointed(folder: Path, source: str) -> float:
    name, _, pointer = source.partition("#/")
    value = json.loads((folder / name).read_text())
    for part in pointer.split("/"):
        value = value[part]
    return float(value)
