"""The images of a manuscript by their content, so that one that stands twice, or not at all, is noticed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from scientist.types import ManuscriptImage

LEAST_SIDE = 64
"""Pixels; smaller pictures are logos and marks."""
LEAST_DRAWING = 1500
"""Bytes of drawing operators; shorter ones are frames and arrows."""

_DEPTH = 3
_DO = re.compile(rb"/([^\s/<>\[\](){}%]+)\s+Do\b")
_MARKDOWN = re.compile(r"!\[([^\]]*)\]\(\s*<?([^)\s>]+)>?[^)]*\)")
_GRAPHICS = re.compile(r"\\includegraphics\*?\s*(?:\[[^\]]*\])?\s*\{([^}]*)\}")
_SUFFIXES = ("", ".pdf", ".png", ".jpg", ".jpeg", ".eps", ".svg")


def pdf_images(reader: Any) -> tuple[ManuscriptImage, ...]:
    """Pictures and drawings that pages show, by a digest of their streams. Raises what pypdf raises."""
    digests: dict[int, str | None] = {}
    return tuple(image for n, page in enumerate(reader.pages, 1) for image in _page_images(page, n, digests))


def markdown_images(text: str, folder: Path | None) -> tuple[ManuscriptImage, ...]:
    """Images that a Markdown text shows; by their bytes where ``folder`` has them, else by name."""
    files = {m[2]: _local(folder, unquote(m[2])) for m in _MARKDOWN.finditer(text)} if folder else {}
    return tuple(_named(m[2], files.get(m[2]), bool(files)) for m in _MARKDOWN.finditer(text))


def latex_images(document: str, folder: Path | None) -> tuple[ManuscriptImage, ...]:
    """Graphics that a LaTeX document includes; by their bytes where ``folder`` has them, else by name."""
    names = [m[1].strip() for m in _GRAPHICS.finditer(document)]
    paths = re.search(r"\\graphicspath\s*\{((?:\{[^}]*\})+)\}", document)
    places = ["", *(re.findall(r"\{([^}]*)\}", paths[1]) if paths else [])]
    files = {n: next((f for p in places if (f := _local(folder, p + n))), None) for n in names} if folder else {}
    return tuple(_named(name, files.get(name), bool(files)) for name in names)


def missing_images(images: Sequence[ManuscriptImage]) -> list[str]:
    """Names that no file answers, where at least one other name has a file: else only the text was given."""
    told = [i for i in images if i.found is not None]
    return [i.name for i in told if not i.found] if any(i.found for i in told) else []


def _named(name: str, file: Path | None, looked: bool) -> ManuscriptImage:
    if file is not None:
        return ManuscriptImage(digest=_sha(file.read_bytes()), name=name, found=True)
    remote = "://" in name or name.startswith("data:")
    return ManuscriptImage(digest=_sha(name.encode()), name=name[:200], found=False if looked and not remote else None)


def _local(folder: Path | None, name: str) -> Path | None:
    """The file of an image inside the manuscript's own folder; links out of it do not count."""
    if folder is None or not name or "://" in name or len(name) > 250 or name.startswith("data:"):
        return None
    root = folder.resolve()
    for suffix in _SUFFIXES:
        file = (root / (name + suffix)).resolve()
        if root in file.parents and file.is_file() and file.stat().st_size < 50_000_000:
            return file
    return None


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:24]


# ------------------------------------------------------------------------------------------- PDF


def _page_images(page: Any, number: int, digests: dict[int, str | None]) -> Iterator[ManuscriptImage]:
    content = page.get_contents()
    things = _things(page)
    if content is None or not things:
        return
    for match in _DO.finditer(content.get_data()):
        thing = things.get("/" + match[1].decode("latin-1"))
        digest = _digest(thing, digests, 0) if thing is not None else None
        if digest:
            yield ManuscriptImage(digest=digest, page=number)


def _things(owner: Any) -> Mapping[str, Any]:
    resources = owner.get("/Resources")
    resources = resources.get_object() if resources is not None else {}
    found = resources.get("/XObject") if hasattr(resources, "get") else None
    return found.get_object() if found is not None else {}


def _digest(thing: Any, digests: dict[int, str | None], depth: int) -> str | None:
    """What an image or drawing shows; None where it is too small to be a figure."""
    reference = getattr(thing, "indirect_reference", None)
    thing = thing.get_object()
    key = reference.idnum if reference is not None else id(thing)
    if key not in digests:
        digests[key] = None  # a drawing that holds itself ends here
        digests[key] = _image(thing) if thing.get("/Subtype") == "/Image" else _drawing(thing, digests, depth)
    return digests[key]


def _image(thing: Any) -> str | None:
    if min(int(thing.get("/Width", 0)), int(thing.get("/Height", 0))) < LEAST_SIDE or thing.get("/ImageMask"):
        return None
    return _sha(_raw(thing))


def _raw(stream: Any) -> bytes:
    """The bytes as the file holds them, which need no decoder."""
    data = getattr(stream, "_data", b"")
    return data if isinstance(data, bytes) else b""


def _drawing(thing: Any, digests: dict[int, str | None], depth: int) -> str | None:
    if depth >= _DEPTH or not hasattr(thing, "get_data"):
        return None
    data = thing.get_data()
    inside = [d for child in _things(thing).values() if (d := _digest(child, digests, depth + 1))]
    if len(data) < LEAST_DRAWING and not inside:
        return None
    return _sha(data + "".join(sorted(inside)).encode())
