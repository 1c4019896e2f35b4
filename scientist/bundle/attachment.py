"""The evidence inside the PDF: attached when a paper is published, and read back by whoever holds only the PDF."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError

from scientist.errors import BundleError
from scientist.types import Evidence, Frozen
from scientist.workspace import canonical_json

if TYPE_CHECKING:
    from pypdf import PdfReader

EVIDENCE = "evidence.json"
PROVENANCE = "provenance.json"
DEEPEST = 8
"""How deep figures within figures are followed."""


class Provenance(Frozen):
    """Attached beside the evidence: which run it came from, and hashes of all that it rests on.

    ``sources`` are the files that the evidence names, by their path in the bundle. ``pages`` are hashes of what each
    page draws, so that a page that was changed afterwards can be named.
    """

    format: Literal["scientist-provenance"] = "scientist-provenance"
    version: Literal[1] = 1
    run_id: str
    scientist: str
    plan_sha256: str
    evidence_sha256: str
    sources: dict[str, str]
    pages: tuple[str, ...]


class Attached(Frozen):
    """What a paper carries: the bytes of its evidence, read too, and its provenance."""

    data: bytes
    evidence: Evidence
    provenance: Provenance
    pages: tuple[str, ...]
    """The hashes of the pages as they are now."""


def attach(pdf: bytes, *, run_id: str, scientist: str, evidence: bytes, sources: Mapping[str, str]) -> bytes:
    """The PDF, byte for byte, with ``evidence.json`` and ``provenance.json`` behind it; same input, same bytes."""
    from pypdf import PdfReader, PdfWriter

    reader = PdfReader(io.BytesIO(pdf))
    provenance = Provenance(
        run_id=run_id,
        scientist=scientist,
        plan_sha256=Evidence.model_validate_json(evidence).plan_sha256,
        evidence_sha256=hashlib.sha256(evidence).hexdigest(),
        sources=dict(sources),
        pages=tuple(page_hashes(reader)),
    )
    writer = PdfWriter(io.BytesIO(pdf), incremental=True)
    writer.metadata = reader.metadata  # an incremental update would end without the title and author of the first part
    for name, data in ((EVIDENCE, evidence), (PROVENANCE, canonical_json(provenance, indent=2).encode() + b"\n")):
        specification: Any = writer.add_attachment(name, data).pdf_object
        content = specification["/EF"].raw_get("/F")
        writer._replace_object(content, content.get_object().flate_encode())
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def read_attached(pdf: Path) -> Attached:
    """The evidence and provenance in a PDF. Raises BundleError if it carries none, or none that can be read."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    hint = "only papers that scientist published carry their evidence; was the file saved again by another program?"
    try:
        reader = PdfReader(pdf)
        found = {name: reader.attachments[name] for name in reader.attachments}
        pages = tuple(page_hashes(reader))
    except (OSError, PyPdfError, ValueError, KeyError, TypeError, AttributeError) as e:
        raise BundleError(f"{pdf} cannot be read as a PDF: {e}", hint) from e
    for name in (EVIDENCE, PROVENANCE):
        if len(found.get(name, ())) != 1:
            raise BundleError(f"{pdf} carries no {name}", hint)
    try:
        return Attached(
            data=found[EVIDENCE][0],
            evidence=Evidence.model_validate_json(found[EVIDENCE][0]),
            provenance=Provenance.model_validate_json(found[PROVENANCE][0]),
            pages=pages,
        )
    except ValidationError as e:
        raise BundleError(f"{pdf}: its attached evidence cannot be read: {e.errors()[0]['msg']}", hint) from e


def printed_text(pdf: Path) -> str:
    """The text of all pages without white space, to look up what is printed over line breaks."""
    from pypdf import PdfReader

    return "".join("".join((page.extract_text() or "").split()) for page in PdfReader(pdf).pages)


def page_hashes(reader: PdfReader) -> Iterator[str]:
    """sha256 of what each page draws: its decoded content and that of the figures in it."""
    for page in reader.pages:
        digest = hashlib.sha256()
        contents = page.get_contents()
        digest.update(contents.get_data() if contents is not None else b"")
        _add_drawings(digest, page.get("/Resources"), DEEPEST)
        yield digest.hexdigest()


def _add_drawings(digest: Any, resources: Any, depth: int) -> None:
    found = resources.get_object().get("/XObject") if resources is not None and depth else None
    drawings = found.get_object() if found is not None else {}
    for name in sorted(drawings):
        drawing = drawings[name].get_object()
        digest.update(name.encode())
        digest.update(drawing.get_data())
        _add_drawings(digest, drawing.get("/Resources"), depth - 1)
