"""Words that a source or file holds and the printed page does not show, beyond plain white text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from scientist.review.detex import balanced, detex
from scientist.review.orders import gives_orders
from scientist.types import Span

_COMMENT = re.compile(r"(?<!\\)(?:\\\\)*%+\s?(.*)")
_BLOCKS = (
    re.compile(r"\\begin\{comment\}(.*?)\\end\{comment\}", re.DOTALL),
    re.compile(r"\\iffalse\b(.*?)\\fi\b", re.DOTALL),
)
_UNPRINTED = re.compile(
    r"\\(?:[hv]?phantom|transparent\{0(?:\.0\d*)?\}|texttransparent\{0(?:\.0\d*)?\}|scalebox\{0?\.0\d*\}|"
    r"resizebox\{0?\.?\d?(?:pt|mm|cm)?\}\{[^}]*\}|pdftooltip|pdfcomment(?:\[[^\]]*\])?|opacity\{0\})\s*(?=\{)"
)
_MODE = re.compile(
    r"\\(?:pdfliteral|special)[^{\n]{0,20}\{[^}]*\b3 Tr\b[^}]*\}(?P<text>.{0,2000}?)(?:\\pdfliteral|\Z)", re.DOTALL
)
_COLOUR = re.compile(
    r"\\definecolor\s*\{([^}]+)\}\s*(?:\{rgb\}\s*\{\s*(?:1|1?\.9\d*|0\.9[5-9]\d*)\s*(?:,\s*(?:1(?:\.0*)?|0?\.9[5-9]\d*)\s*){2}\}|"
    r"\{RGB\}\s*\{\s*25[0-5](?:\s*,\s*25[0-5]){2}\s*\}|\{gray\}\s*\{\s*(?:1(?:\.0*)?|0?\.9[5-9]\d*)\s*\}|"
    r"\{HTML\}\s*\{\s*F[A-F\d]F[A-F\d]F[A-F\d]\s*\})",
    re.IGNORECASE,
)
_METADATA = re.compile(r"\\(?:hypersetup|pdfinfo)\s*(?=\{)")
_LEAST_WORDS = 3


def unseen_in_latex(texts: Mapping[str, str], definitions: str) -> tuple[Span, ...]:
    """Unprinted boxes, own names for white and mode-3 text of a LaTeX source; of its comments and metadata, of which
    every source is full, those that give orders."""
    orders = (t for t in (*_comments("\n".join(texts.values())), *_metadata(definitions)) if gives_orders(t))
    found = [*orders, *_unprinted(definitions)]
    return tuple(Span(text=text) for text in dict.fromkeys(found) if len(text.split()) >= _LEAST_WORDS)


def _comments(source: str) -> Iterator[str]:
    blocks = [m[1] for pattern in _BLOCKS for m in pattern.finditer(source)]
    for text in [*(m[1] for m in _COMMENT.finditer(source)), *blocks]:
        yield " ".join(text.split())[:2000]


def _unprinted(source: str) -> Iterator[str]:
    for match in _UNPRINTED.finditer(source):
        yield detex(balanced(source, match.end())[0], {})
    for match in _MODE.finditer(source):
        yield detex(match["text"], {})
    for match in _COLOUR.finditer(source):
        name = re.escape(match[1])
        for use in re.finditer(rf"\\(?:textcolor|color)\s*\{{{name}\}}\s*", source):
            inside = source[use.end() :].startswith("{")
            text = (
                balanced(source, use.end())[0]
                if inside
                else re.split(r"\}|\\color\b", source[use.end() :], maxsplit=1)[0]
            )
            yield detex(text[:2000], {})


def _metadata(source: str) -> Iterator[str]:
    for match in _METADATA.finditer(source):
        inside = balanced(source, match.end())[0]
        yield from re.findall(r"[{(]([^{}()]{12,2000})[})]", inside)


def orders_in_pdf(reader: Any, metadata: Mapping[str, str]) -> Iterator[Span]:
    """Orders outside the text of the pages: metadata of either kind, and notes on pages."""
    for text in (*metadata.values(), *_xmp(reader)):
        if gives_orders(text):
            yield Span(text=text[:2000])
    for number, page in enumerate(reader.pages, 1):
        notes = page.get("/Annots")
        for note in notes.get_object() if notes is not None else ():
            thing = note.get_object()
            for key in ("/Contents", "/TU", "/V"):
                words = thing.get(key) if hasattr(thing, "get") else None
                if isinstance(words, str) and gives_orders(words):
                    yield Span(text=" ".join(words.split())[:2000], page=number)


def _xmp(reader: Any) -> list[str]:
    stream = reader.root_object.get("/Metadata")
    stream = stream.get_object() if stream is not None else None
    if stream is None or not hasattr(stream, "get_data"):
        return []
    return re.sub(rb"<[^>]*>", b"\n", stream.get_data()).decode("utf-8", "replace").splitlines()
