"""What is found of a paper and its bundle without running anything again."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject

from scientist.bundle.attachment import attach, read_attached
from scientist.bundle.export import source_hashes
from scientist.errors import BundleError
from scientist.graph.reproduction import verify
from tests.bundle.study import PublishedStudy, printed
from tests.bundle.test_bundle_archive import rewrite


def failing(pdf: Path, bundle: Path | None) -> set[str]:
    return {c.name for c in verify(pdf, bundle) if not c.holds}


EVIDENCE_FOLLOWS = "the evidence follows from the raw results, computed anew"
WHOLE = "every file of the bundle is as its manifest says"
SAME_PDF = "the PDF is the one in the bundle"
NO_PAGE_CHANGED = "no page was changed since the evidence was attached"
SOURCES = "the files that the numbers come from are those of the paper"


def test_an_untouched_paper_holds(study: PublishedStudy) -> None:
    checks = verify(study.paper, study.bundle)
    assert [c for c in checks if not c.holds] == []
    assert len(checks) == 12
    assert failing(study.paper, None) == set()


def test_the_pdf_carries_the_evidence_and_keeps_its_pages(study: PublishedStudy) -> None:
    attached = read_attached(study.paper)
    assert attached.data == (study.folder.papers / "evidence.json").read_bytes()
    assert attached.evidence == study.evidence()
    assert attached.provenance.sources == source_hashes(study.folder.root, study.evidence())
    assert "nodes/c1/seed_3/final_info.json" in attached.provenance.sources
    assert attached.pages == attached.provenance.pages


def test_attaching_is_deterministic_and_keeps_the_bytes(study: PublishedStudy) -> None:
    plain, data = printed(["text"]), (study.folder.papers / "evidence.json").read_bytes()
    once, again = (attach(plain, run_id="r", scientist="0", evidence=data, sources={}) for _ in range(2))
    assert once == again
    assert once.startswith(plain)


def test_a_changed_page_is_named(study: PublishedStudy, tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=study.paper)
    page = writer.pages[0]
    contents = page.get_contents()
    assert contents is not None
    changed = DecodedStreamObject()
    changed.set_data(contents.get_data() + b"\n0 0 10 10 re f\n")
    page[NameObject("/Contents")] = writer._add_object(changed)
    writer.write(tmp_path / "paper.pdf")
    found = {c.name: c for c in verify(tmp_path / "paper.pdf", study.bundle)}
    assert found[NO_PAGE_CHANGED].found == "changed: page 1"
    assert {n for n, c in found.items() if not c.holds} == {NO_PAGE_CHANGED, SAME_PDF}


def test_other_evidence_in_the_pdf_is_found(study: PublishedStudy, tmp_path: Path) -> None:
    evidence = study.evidence()
    better = evidence.quantity("mean.c1.one.score").model_copy(update={"value": 9.0, "display": "9.000"})
    forged = evidence.model_copy(
        update={"quantities": tuple(better if q.id == better.id else q for q in evidence.quantities)}
    )
    text = PdfReader(study.paper).pages[0].extract_text().splitlines()
    data = forged.model_dump_json().encode()
    sources = source_hashes(study.folder.root, evidence)
    pdf = attach(printed(text), run_id="r", scientist="0", evidence=data, sources=sources)
    (tmp_path / "paper.pdf").write_bytes(pdf)
    assert failing(tmp_path / "paper.pdf", None) == {
        "the hash printed in the appendix is that of the attached evidence"
    }
    found = {c.name: c for c in verify(tmp_path / "paper.pdf", study.bundle) if not c.holds}
    assert found[EVIDENCE_FOLLOWS].found == "not the same: mean.c1.one.score"
    assert found["the attached evidence is that of the bundle"].found == "other quantities: mean.c1.one.score"


def test_a_careful_forgery_of_a_result_is_found(study: PublishedStudy, tmp_path: Path) -> None:
    """The result, its record and the manifest all fit one another; the paper knows the hashes."""
    other = PublishedStudy(tmp_path / "other")
    other.forge_result("c1", 2, 9.0)
    other.publish()
    assert failing(other.paper, other.bundle) == set()  # nothing but a new run can tell
    found = failing(study.paper, other.bundle)
    assert {SOURCES, EVIDENCE_FOLLOWS, SAME_PDF} <= found


@pytest.mark.parametrize(
    "name", ["nodes/c0/seed_1/final_info.json", "plan.json", "events.jsonl", "template/tiny/harness.py"]
)
def test_an_altered_file_of_the_bundle_is_named(study: PublishedStudy, tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(study.bundle) as archive:
        data = archive.read(name)
    tampered = rewrite(study.bundle, tmp_path / "b.zip", {name: data + b"\n"})
    found = {c.name: c for c in verify(study.paper, tampered)}
    assert found[WHOLE].found == f"{name}: altered"
    assert not found[WHOLE].holds


def test_a_pdf_without_evidence_is_refused(tmp_path: Path) -> None:
    (tmp_path / "plain.pdf").write_bytes(printed(["nothing here"]))
    with pytest.raises(BundleError, match="carries no evidence"):
        verify(tmp_path / "plain.pdf", None)
    (tmp_path / "no.pdf").write_bytes(io.BytesIO(b"no PDF").getvalue())
    with pytest.raises(BundleError, match="cannot be read as a PDF"):
        verify(tmp_path / "no.pdf", None)
