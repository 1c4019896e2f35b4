from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from scientist.literature.base import OUT, Hit, SourceError
from scientist.literature.verify import Status, Verification, citable, counts, statement, verify
from scientist.types import Paper, Reference


def paper(title: str, **facts: object) -> Paper:
    return Paper.model_validate(
        {"id": f"id:{title}", "title": title, "authors": ("Ada One", "Ben Two"), "year": 2020, "source": "t", **facts}
    )


class Fake:
    """A finder over given records; ``fails`` raises instead, ``gate`` blocks it until it is opened."""

    def __init__(
        self, name: str, *records: Paper, fails: Callable[[], Exception] | None = None,
        gate: threading.Event | None = None,
    ) -> None:  # fmt: skip
        self.name, self.records, self.fails, self.gate, self.calls = name, records, fails, gate, 0
        self.answered = False

    def find(self, *, arxiv_id: str | None = None, doi: str | None = None, title: str | None = None) -> Paper | None:
        self.calls += 1
        if self.gate is not None:
            self.gate.wait(20)
            self.answered = True
        if self.fails is not None:
            raise self.fails()
        wanted = (("arxiv_id", arxiv_id), ("doi", doi), ("title", title))
        return next((r for field, v in wanted for r in self.records if v and getattr(r, field) == v), None)

    def search(self, query: str, limit: int) -> list[Hit]:
        return [Hit(paper=r, score=1.0) for r in self.records][:limit]


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


A, B = paper("Alpha things"), paper("Beta things of another kind")


def status(*entries: Paper, finders: tuple[Fake, ...], online: bool = True) -> list[Status]:
    return [v.status for v in verify(entries, finders, online=online, budget_s=5)]


def test_offline_the_library_verifies_and_says_that_nothing_was_online() -> None:
    (held, unknown) = verify([A, B], [Fake("library", A)], online=False)
    assert (held.status, held.online, held.agree) == (Status.VERIFIED, False, ("library",))
    assert "not verified online" in held.reason
    assert (unknown.status, unknown.citable) == (Status.NOT_VERIFIED_ONLINE, True)
    assert unknown.record is None


def test_offline_no_online_finder_is_asked() -> None:
    crossref = Fake("crossref", A)
    assert status(A, finders=(crossref,), online=False) == [Status.NOT_VERIFIED_ONLINE]
    assert crossref.calls == 0


def test_online_agreement_and_absence() -> None:
    (found, missing) = verify([A, B], [Fake("library"), Fake("openalex", A), Fake("arxiv")], online=True, budget_s=5)
    assert (found.status, found.online, found.agree) == (Status.VERIFIED, True, ("openalex",))
    assert (missing.status, missing.citable) == (Status.NOT_FOUND, False)


def test_absence_is_not_claimed_when_a_source_did_not_answer() -> None:
    dead = Fake("arxiv", fails=lambda: SourceError("down", strikes=OUT))
    (verdict,) = verify([B], [Fake("openalex", A), dead], online=True, budget_s=5)
    assert verdict.status is Status.NOT_VERIFIED_ONLINE
    assert verdict.unanswered == ("arxiv",)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"year": 2013}, "year"),
        ({"authors": ("Ben Two", "Ada One")}, "authors"),
        ({"title": "Alpha things!s"}, "title"),
    ],
)
def test_mismatches_name_their_field_and_record(changes: dict[str, object], field: str) -> None:
    (verdict,) = verify([A.model_copy(update=changes)], [Fake("library", A)], online=False)
    assert verdict.status is Status.MISMATCH
    assert [d.field for d in verdict.differences] == [field]
    assert verdict.record == A
    assert field in verdict.reason and not verdict.citable


def test_one_agreeing_source_outweighs_another_that_differs() -> None:
    other = A.model_copy(update={"year": 2018})
    assert status(A, finders=(Fake("library", other), Fake("crossref", A))) == [Status.VERIFIED]


def test_a_retraction_outweighs_every_agreement() -> None:
    entry = A.model_copy(update={"doi": "10.1/a"})
    notice = entry.model_copy(update={"retracted": True})
    finders = (Fake("library", entry), Fake("semantic_scholar", entry), Fake("crossref", notice))
    (verdict,) = verify([entry], finders, online=True, budget_s=5)
    assert (verdict.status, verdict.record) == (Status.RETRACTED, notice)
    assert "crossref" in verdict.reason
    assert status(A.model_copy(update={"withdrawn": True}), finders=(Fake("library", A),)) == [Status.RETRACTED]


def test_an_identifier_of_another_work_is_a_mismatch() -> None:
    cutout = paper("Improved regularization with cutout", authors=("Terrance DeVries",), arxiv_id="1708.04552")
    entry = A.model_copy(update={"arxiv_id": "1708.04552"})
    (verdict,) = verify([entry], [Fake("library", entry), Fake("arxiv", cutout)], online=True, budget_s=5)
    assert verdict.status is Status.MISMATCH
    assert [d.field for d in verdict.differences] == ["arxiv_id"]


@pytest.mark.parametrize("error", [SourceError("no"), ValueError("bad"), KeyError("x"), TimeoutError()])
def test_no_fault_of_a_finder_leaves(error: Exception) -> None:
    def fails() -> Exception:
        return error

    assert status(A, B, finders=(Fake("library", A), Fake("s2", fails=fails))) == [
        Status.VERIFIED,
        Status.NOT_VERIFIED_ONLINE,
    ]


def test_a_finder_that_cannot_be_reached_is_asked_once() -> None:
    dead = Fake("s2", fails=lambda: SourceError("refused", strikes=OUT))
    verify([A, B, paper("Gamma")], [dead], online=True, budget_s=5)
    assert dead.calls == 1


def test_a_finder_that_never_answers_costs_the_budget_only(gate: threading.Event) -> None:
    slow = Fake("s2", gate=gate)
    verdicts = verify([A, B], [Fake("library", A), slow], online=True, budget_s=0.3)
    assert slow.calls == 1 and not slow.answered, "nobody waited for it"
    assert [v.status for v in verdicts] == [Status.VERIFIED, Status.NOT_VERIFIED_ONLINE]
    assert all(v.unanswered == ("s2",) for v in verdicts)


def test_only_what_stands_is_citable_and_nothing_unverified_slips_through() -> None:
    references = tuple(Reference(key=k, paper=p) for k, p in (("a", A), ("b", B), ("c", paper("Gamma"))))
    wrong = B.model_copy(update={"year": 1999})
    verdicts = verify([A, B], [Fake("library", A, wrong)], online=False)
    kept, refused = citable(references, verdicts)
    assert [r.key for r in kept] == ["a"]
    assert [v.id for v in refused] == [B.id]


def verdict(status: Status, *, online: bool) -> Verification:
    return Verification(id="x", title="T", status=status, agree=("library",), online=online, reason="r")


def test_the_statement_never_says_more_than_is_so() -> None:
    local = " ".join(statement([verdict(Status.VERIFIED, online=False)]))
    assert local.startswith("Every cited record agrees") and "None of the references was verified online." in local
    some = " ".join(statement([verdict(Status.VERIFIED, online=True), verdict(Status.VERIFIED, online=False)]))
    assert "Some of the references could not be verified online" in some
    nothing = " ".join(statement([verdict(Status.NOT_VERIFIED_ONLINE, online=False)]))
    assert "No cited record could be held" in nothing and "Every" not in nothing
    assert "could not" not in " ".join(statement([verdict(Status.VERIFIED, online=True)]))
    assert statement([]) == ()
    assert not any(c.isdigit() for c in local + some + nothing)


def test_counts_name_every_status() -> None:
    told = counts([verdict(Status.VERIFIED, online=True), verdict(Status.MISMATCH, online=False)])
    assert told == {
        "verified": 1, "mismatch": 1, "retracted": 0, "not_found": 0, "not_verified_online": 0, "online": 1,
    }  # fmt: skip
