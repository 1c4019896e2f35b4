"""What can be checked of a paper without running anything: that it, its evidence and its bundle belong together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scientist.bundle.archive import Bundle
from scientist.bundle.attachment import Attached, printed_text, read_attached
from scientist.bundle.study import PAPER, STUDY, Study
from scientist.errors import BundleError
from scientist.types import Evidence, Frozen
from scientist.workspace import canonical_json, sha256_text


class Check(Frozen):
    """One thing that was looked at: whether it holds, and what was found."""

    name: str
    holds: bool
    found: str


def check_paper(pdf: Path) -> tuple[Attached, tuple[Check, ...]]:
    """What the PDF alone shows: its evidence is the one that it names, and no page was changed afterwards.

    Raises BundleError if it carries no evidence.
    """
    attached = read_attached(pdf)
    told = attached.provenance
    digest = hashlib.sha256(attached.data).hexdigest()
    pages = [i + 1 for i, (a, b) in enumerate(zip(told.pages, attached.pages, strict=False)) if a != b]
    printed = printed_text(pdf)
    counts = f"{len(attached.evidence.quantities)} quantities, {len(attached.evidence.claims)} claims"
    return attached, (
        Check(
            name="the attached evidence has the hash noted beside it",
            holds=digest == told.evidence_sha256 and attached.evidence.plan_sha256 == told.plan_sha256,
            found=f"{counts}, sha256 {digest[:12]}…",
        ),
        Check(
            name="the hash printed in the appendix is that of the attached evidence",
            holds=digest in printed,
            found="printed" if digest in printed else "it is not printed in the paper",
        ),
        Check(
            name="the hash printed in the appendix is that of the plan",
            holds=told.plan_sha256 in printed,
            found="printed" if told.plan_sha256 in printed else "it is not printed in the paper",
        ),
        Check(
            name="no page was changed since the evidence was attached",
            holds=told.pages == attached.pages,
            found=_pages(pages, len(told.pages), len(attached.pages)),
        ),
    )


def check_bundle(bundle: Bundle) -> Iterator[Check]:
    """What the bundle alone shows: it is whole, and its plan is the one that was frozen before the first run."""
    damage = bundle.damage()
    yield Check(
        name="every file of the bundle is as its manifest says",
        holds=not damage,
        found="; ".join(map(str, damage)) or f"{len(bundle.manifest.files)} files",
    )
    study = read_study(bundle)
    plan = sha256_text(canonical_json(_json(bundle, "plan.json")))
    noted = bundle.read("plan.sha256").decode(errors="replace").strip()
    yield Check(
        name="the plan has its pre-registered hash",
        holds=plan == noted == study.plan_sha256,
        found=f"sha256 {plan[:12]}…" if plan == noted == study.plan_sha256 else f"{plan[:12]}… against {noted[:12]}…",
    )
    if study.first_run_at:
        yield Check(
            name="the plan was frozen before the first run, by the run's own record",
            holds=bool(study.plan_frozen_at) and study.plan_frozen_at <= study.first_run_at,
            found=f"plan {study.plan_frozen_at or 'at no noted time'}, first run {study.first_run_at}",
        )


def check_together(pdf: Path, attached: Attached, bundle: Bundle) -> Iterator[Check]:
    """Whether the paper is that of the bundle, and each file that its evidence rests on is there unchanged."""
    own = hashlib.sha256(pdf.read_bytes()).hexdigest()
    kept = bundle.manifest.files.get(PAPER)
    same = kept is not None and kept.sha256 == own
    yield Check(name="the PDF is the one in the bundle", holds=same,
                found="same bytes" if same else "another file, or saved again")  # fmt: skip
    evidence = bundle.read("evidence.json")
    yield Check(
        name="the attached evidence is that of the bundle",
        holds=evidence == attached.data,
        found="same bytes" if evidence == attached.data else _first_difference(attached.evidence, evidence),
    )
    wrong = list(_changed_sources(attached, bundle))
    yield Check(
        name="the files that the numbers come from are those of the paper",
        holds=not wrong,
        found="; ".join(wrong) or f"{len(attached.provenance.sources)} files",
    )
    lost = sorted(set(_lost_pointers(attached.evidence, bundle)))
    pointers = {s for q in attached.evidence.quantities for s in q.sources}
    yield Check(
        name="each number's place in those files is there",
        holds=not lost,
        found="; ".join(lost[:5]) or f"{len(pointers)} places",
    )


def read_study(bundle: Bundle) -> Study:
    """``study.json``. Raises BundleError if it cannot be read."""
    try:
        return Study.model_validate_json(bundle.read(STUDY))
    except ValueError as e:
        raise BundleError(f"{bundle.path}: {STUDY} cannot be read: {e}", "is it a bundle of scientist?") from e


def _pages(changed: list[int], before: int, now: int) -> str:
    if before != now:
        return f"{now} pages, {before} were published"
    return f"changed: page {', '.join(map(str, changed))}" if changed else f"{now} pages"


def _changed_sources(attached: Attached, bundle: Bundle) -> Iterator[str]:
    for name, digest in sorted(attached.provenance.sources.items()):
        if name not in bundle.names:
            yield f"{name}: missing"
        elif hashlib.sha256(bundle.read(name)).hexdigest() != digest:
            yield f"{name}: altered"


def _lost_pointers(evidence: Evidence, bundle: Bundle) -> Iterator[str]:
    documents: dict[str, Any] = {}
    for source in dict.fromkeys(s for q in evidence.quantities for s in q.sources):
        name, _, pointer = source.partition("#")
        if name not in documents:
            documents[name] = _json(bundle, name) if name.endswith(".json") and name in bundle.names else None
        lost = documents[name] is not None and not _resolves(documents[name], pointer)
        if lost or name not in bundle.names:
            yield source


def _resolves(document: Any, pointer: str) -> bool:
    """Whether a JSON pointer (RFC 6901) leads somewhere."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(document, dict) and key in document:
            document = document[key]
        elif isinstance(document, list) and key.isdigit() and int(key) < len(document):
            document = document[int(key)]
        else:
            return False
    return True


def _first_difference(attached: Evidence, data: bytes) -> str:
    try:
        other = {q.id: q for q in Evidence.model_validate_json(data).quantities}
    except ValueError as e:
        return f"the bundle's cannot be read: {e}"
    changed = [q.id for q in attached.quantities if other.get(q.id) != q]
    return f"other quantities: {', '.join(changed[:5])}" if changed else "other bytes, the same quantities"


def _json(bundle: Bundle, name: str) -> Any:
    try:
        return json.loads(bundle.read(name))
    except ValueError as e:
        raise BundleError(f"{bundle.path}: {name} is not JSON: {e}", "the file was altered") from e
