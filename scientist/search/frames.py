"""How values cross the wall of the sandbox: JSON with raw arrays behind it, never pickle, checked by whoever reads.

Loaded by ``warm.py`` inside the sandbox from its own folder, so it imports nothing of this package; numpy only where
an array is met. A frame is two big-endian 32-bit numbers, the length of its JSON text and that of the arrays' bytes,
then both.
"""

from __future__ import annotations

import json
import struct
from typing import Any

HEADER = struct.Struct(">II")
ARRAY = "__array__"
KINDS = "biuf"
"""Kinds of numpy arrays that may cross: truth values, integers and floats."""


class FrameError(ValueError):
    """A value that cannot cross, or bytes that are no frame."""


def pack(value: Any) -> bytes:
    """``value`` (JSON, tuples as lists, numpy arrays and scalars) as a frame. Raises FrameError."""
    blobs: list[bytes] = []
    try:
        text = json.dumps(value, default=lambda v: _extra(v, blobs), separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as e:
        raise FrameError(f"not a value that can be returned: {e}") from None
    tail = b"".join(blobs)
    try:
        return HEADER.pack(len(text), len(tail)) + text + tail
    except struct.error:
        raise FrameError("a value of 4 GiB or more cannot be returned") from None


def unpack(text: bytes, tail: bytes = b"") -> Any:
    """The value of a frame's JSON text and its arrays' bytes. Raises FrameError."""
    try:
        return json.loads(text, object_hook=lambda d: _array(d, tail) if ARRAY in d else d)
    except (ValueError, RecursionError) as e:
        raise FrameError(f"no frame: {e}") from None


def _extra(value: Any, blobs: list[bytes]) -> Any:
    """What JSON does not know: arrays by their bytes, numpy's scalars as numbers, sets refused."""
    kind = getattr(getattr(value, "dtype", None), "kind", None)
    if kind is None or kind not in KINDS:
        raise TypeError(f"{type(value).__name__} is neither JSON nor an array of numbers")
    if getattr(value, "ndim", 0) == 0:
        return value.item()
    data = value.tobytes()  # in C order, whatever the array's own layout
    begin = sum(map(len, blobs))
    blobs.append(data)
    return {ARRAY: [value.dtype.str, list(value.shape), begin]}


def _array(spec: dict[str, Any], tail: bytes) -> Any:
    import numpy as np

    try:
        name, shape, begin = spec[ARRAY]
        dtype = np.dtype(name)
        if dtype.kind not in KINDS or not all(isinstance(n, int) and n >= 0 for n in shape):
            raise ValueError("array of another kind")
        count = 1
        for n in shape:
            count *= n
        if not isinstance(begin, int) or begin < 0 or begin + count * dtype.itemsize > len(tail):
            raise ValueError("array outside of its frame")
        return np.frombuffer(tail, dtype, count, begin).reshape(shape).copy()
    except (TypeError, ValueError) as e:
        raise FrameError(f"no array: {e}") from None
