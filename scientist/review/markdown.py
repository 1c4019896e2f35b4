"""Markdown and plain-text manuscripts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from scientist.errors import ManuscriptError
from scientist.review.extract import Line
from scientist.review.images import markdown_images
from scientist.review.lines import clean, invisible_characters
from scientist.review.manuscript import read_text
from scientist.review.orders import gives_orders_unseen
from scientist.review.structure import structure
from scientist.types import Float, Manuscript, Span

_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
_UNSEEN = re.compile(
    r"<(\w+)[^>]*style\s*=\s*[\"'][^\"']*(?:display:\s*none|visibility:\s*hidden|color:\s*(?:white|#fff(?:fff)?)\b|"
    r"font-size:\s*[01](?:\.\d+)?(?:px|pt)?\b)[^\"']*[\"'][^>]*>(.*?)</\1>",
    re.DOTALL | re.IGNORECASE,
)
_IMAGE = re.compile(r"!\[(?P<caption>[^\]]*)\]\([^)]*\)(?:\{[^}]*\})?")
_FRONT = re.compile(r"\A---\s*\n(.*?)\n---\s*\n", re.DOTALL)
_DISPLAY = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)


def read_markdown(path: Path, *, plain: bool = False) -> Manuscript:
    """Read Markdown, or plain text with headings on lines of their own. Raises ManuscriptError for too little."""
    raw = read_text(path)
    if len(raw.split()) < 20:
        raise ManuscriptError(f"{path.name} holds only {len(raw.split())} words", "give the whole paper")
    return manuscript_of(raw, path.name, "text" if plain else "markdown", folder=path.parent)


def manuscript_of(
    raw: str, name: str, format: Literal["markdown", "text"], *, folder: Path | None = None
) -> Manuscript:
    """The manuscript that a text holds, its images in ``folder``. A form feed in plain text begins a new page."""
    hidden = _hidden(raw)
    meta, text = _front_matter(_UNSEEN.sub("", _COMMENT.sub("", raw)))
    images = [m["caption"] for m in _IMAGE.finditer(text)] if format == "markdown" else []
    pages = text.split("\f")
    lines = [line for n, page in enumerate(pages, 1) for line in _lines(page, n if len(pages) > 1 else 0)]
    lines = _unwrap_setext(lines)
    parts = structure(lines)
    floats = parts.floats + tuple(_image_floats(images, parts.floats))
    return Manuscript(
        file=name,
        format=format,
        title=meta.get("title", parts.title),
        abstract=meta.get("abstract", parts.abstract),
        sections=parts.sections,
        appendix=parts.appendix,
        floats=floats,
        references=parts.references,
        equations=parts.equations or len(_DISPLAY.findall(text)),
        pages=len(pages) if len(pages) > 1 else None,
        page_texts=tuple(clean_page(p) for p in pages) if len(pages) > 1 else (),
        hidden=hidden,
        images=markdown_images(text, folder) if format == "markdown" else (),
    )


def clean_page(text: str) -> str:
    return "\n".join(clean(line) for line in text.splitlines())


def _hidden(raw: str) -> tuple[Span, ...]:
    # Comments are an author's notes to himself, as in LaTeX, unless they speak to the reviewer.
    texts = [m[1] for m in _COMMENT.finditer(raw) if gives_orders_unseen(m[1])]
    texts += [m[2] for m in _UNSEEN.finditer(raw)]
    characters = invisible_characters(raw)
    if len(characters) == 1 and len(characters[0]) > 1:
        texts.append(characters[0])
    elif len(characters) > 4:
        texts.append("".join(characters))
    return tuple(Span(text=" ".join(t.split()) or t) for t in texts if t)


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    match = _FRONT.match(text)
    if not match:
        return {}, text
    meta: dict[str, str] = {}
    key = ""
    for line in match[1].splitlines():
        pair = re.match(r"(title|abstract|author|date)\s*:\s*(.*)", line, re.IGNORECASE)
        if pair:
            key = pair[1].lower()
            meta[key] = pair[2].strip().strip("\"'|>").strip()
        elif key and line.startswith((" ", "\t")):
            meta[key] = f"{meta[key]} {line.strip()}".strip()
        else:
            key = ""
    return {k: v for k, v in meta.items() if v}, text[match.end() :]


def _lines(page: str, number: int) -> list[Line]:
    lines = []
    for raw in page.splitlines():
        text = _IMAGE.sub("", clean(raw).expandtabs(4))
        bold = re.fullmatch(r"\s*(?:\*\*|__)(.+?)(?:\*\*|__)[:.]?\s*", text)
        if bold and re.fullmatch(r"abstract|references|bibliography", bold[1].strip(" .:"), re.IGNORECASE):
            text = f"# {bold[1].strip(' .:')}"
        lines.append(Line(text=re.sub(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1", r"\2", text.strip()), page=number))
    return lines


def _unwrap_setext(lines: list[Line]) -> list[Line]:
    """Headings underlined with = or - become headings with #."""
    out: list[Line] = []
    for line in lines:
        underline = re.fullmatch(r"(=|-)\1{2,}", line.text)
        if underline and out and out[-1].text and not out[-1].text.startswith(("#", "|")):
            out[-1] = out[-1]._replace(text=("# " if underline[1] == "=" else "## ") + out[-1].text)
        else:
            out.append(line)
    return out


def _image_floats(captions: list[str], known: tuple[Float, ...]) -> list[Float]:
    """Images whose caption is no numbered caption of its own are numbered in their order."""
    labels = {f.label for f in known}
    floats = []
    for number, caption in enumerate(captions, 1):
        match = re.match(r"(?:Figure|Fig\.)\s*(\w+)\s*[:.]\s*(.*)", caption, re.IGNORECASE | re.DOTALL)
        label = f"Figure {match[1]}" if match else f"Figure {number}"
        if label not in labels:
            floats.append(Float(kind="figure", label=label, caption=match[2] if match else caption))
            labels.add(label)
    return floats
