"""Tries a model out: one small structured request and one picture, and what they cost."""

from __future__ import annotations

import struct
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from scientist.errors import ModelError
from scientist.models.base import Strength
from scientist.models.chat import Chat
from scientist.models.faults import Patience
from scientist.models.ledger import read_calls
from scientist.models.opening import open_models
from scientist.prompts import render
from scientist.types import Frozen

Colour = Literal["red", "green", "blue", "white"]
SHOWN: Colour = "blue"
PATIENCE = Patience(attempts=2, call_s=120.0, total_wait_s=20.0)


class Word(Frozen):
    """What a model that can be used replies."""

    sum: int
    word: str


class Picture(Frozen):
    """What a model that sees replies."""

    colour: Colour


class Checked(Frozen):
    """What a model can do. ``sees`` is what was tried; ``seeing`` is what the table of prices says, which runs use."""

    model: str
    method: str
    sees: bool
    seeing: bool
    context: int | None
    price_known: bool
    usd: float | None
    strength: Strength
    seconds: float
    input_tokens: int
    output_tokens: int
    attempts: int
    replies_invalid: int


def check_model(
    spec: str, *, base_url: str | None = None, method: str | None = None, patience: Patience = PATIENCE,
    emit: Callable[..., object] = lambda *_, **__: None,
) -> Checked:  # fmt: skip
    """Ask the model for a word, then for a colour. Raises ModelError when it gives no usable word."""
    with tempfile.TemporaryDirectory(prefix="scientist-models-") as folder:
        path = Path(folder)
        with open_models(
            {"default": spec}, folder=path, base_url=base_url, method=method, patience=patience, emit=emit
        ) as chat:
            _word(chat)
            calls = read_calls(path / "calls.sqlite")
            sees = _sees(chat, path / "picture.png")
            price = chat.price("check")
            last = calls[-1]
            return Checked(
                model=spec, method=last.method, sees=sees, seeing=price.vision, context=chat.context("check"),
                price_known=price.known, usd=last.usd, strength=price.strength, seconds=last.seconds,
                input_tokens=last.input_tokens, output_tokens=last.output_tokens, attempts=len(calls),
                replies_invalid=sum(c.status not in ("ok", "rejected") for c in calls),
            )  # fmt: skip


def _word(chat: Chat) -> None:
    chat.ask(
        render("check/word", first=19, second=23, word="grokking"), Word, max_tokens=256,
        check=lambda reply: None if reply.word.strip() else "the field word is empty",
    )  # fmt: skip


def _sees(chat: Chat, path: Path) -> bool:
    """Whether the model names the colour of a picture; an endpoint that takes no pictures refuses the request."""
    path.write_bytes(_png((0, 0, 255), 64))
    try:
        reply = chat.ask(render("check/picture"), Picture, images=(path,), max_tokens=256)
    except ModelError:
        return False
    return reply.colour == SHOWN


def _png(colour: tuple[int, int, int], size: int) -> bytes:
    """A square picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + bytes(colour) * size) * size
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
