from __future__ import annotations

import pytest

from scientist.literature.passages import Passage
from scientist.literature.support import normal
from scientist.literature.verify import Status, Verification
from scientist.types import Draft, Paper, Reference, Section, Sentence, Severity
from scientist.writeup.citations import check_records, check_support


def reference(key: str, **facts: object) -> Reference:
    values = {"id": f"p:{key}", "title": f"Title {key}", "authors": ("Ada One",), "year": 2020, "source": "t", **facts}
    return Reference(key=key, paper=Paper.model_validate(values))


def verification(reference: Reference, status: Status, *, online: bool = True) -> Verification:
    return Verification(id=reference.paper.id, title="T", status=status, online=online, reason="what was found")


A, B = reference("a"), reference("b")


def test_sound_records_pass() -> None:
    assert check_records([A, B]) == ()
    assert check_records([A, B], [verification(r, Status.VERIFIED) for r in (A, B)]) == ()


@pytest.mark.parametrize(
    ("facts", "check"),
    [
        ({"retracted": True}, "retracted_record"),
        ({"withdrawn": True}, "retracted_record"),
        ({"title": "RETRACTED: a thing"}, "retracted_record"),
        ({"title": " "}, "incomplete_record"),
    ],
)
def test_records_that_may_not_be_cited(facts: dict[str, object], check: str) -> None:
    (finding,) = check_records([reference("a", **facts)])
    assert (finding.check, finding.severity) == (check, Severity.ERROR)


@pytest.mark.parametrize("facts", [{"doi": "10.1/X"}, {"arxiv_id": "2201.00001"}, {"title": "One and the same"}])
def test_one_work_under_two_keys(facts: dict[str, object]) -> None:
    second = {**facts, "doi": "10.1/x"} if "doi" in facts else facts
    assert [f.check for f in check_records([reference("a", **facts), reference("b", **second)])] == ["duplicate_record"]


@pytest.mark.parametrize(
    ("status", "check"),
    [
        (Status.RETRACTED, "retracted_record"),
        (Status.MISMATCH, "contradicted_record"),
        (Status.NOT_FOUND, "unknown_record"),
    ],
)
def test_a_verdict_against_a_record_is_an_error(status: Status, check: str) -> None:
    (finding,) = check_records([A], [verification(A, status, online=False)])
    assert (finding.check, finding.severity) == (check, Severity.ERROR)
    assert "what was found" in finding.message


@pytest.mark.parametrize("status", [Status.VERIFIED, Status.NOT_VERIFIED_ONLINE])
def test_what_was_not_verified_online_is_marked(status: Status) -> None:
    (finding,) = check_records([A], [verification(A, status, online=False)])
    assert (finding.check, finding.severity) == ("not_verified_online", Severity.NOTE)


def test_a_record_that_was_never_verified_is_an_error() -> None:
    assert [f.check for f in check_records([A, B], [verification(A, Status.VERIFIED)])] == ["unverified_record"]


def draft(*texts: str) -> Draft:
    sentences = tuple(Sentence(text=t) for t in texts)
    return Draft(
        title="T", sections=(Section(name="related_work", title="R", paragraphs=(sentences,)),), references=(A,)
    )


def test_support_is_checked_over_the_whole_draft() -> None:
    fine, bold = r"The topic is studied by \citet{a}.", r"\citet{a} show that dropout improves translation."
    assert check_support(draft(fine)) == ()
    assert [f.check for f in check_support(draft(fine, bold))] == ["unsupported_claim"]
    assert check_support(draft(bold), curated={normal(bold)}) == ()
    passage = Passage(id="p:a#1", paper="p:a", page=2, text="In translation, dropout improves all scores.")
    assert check_support(draft(bold), [passage]) == ()
