"""Reading what a candidate returned: type, shape, size and finiteness are checked before it is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np


def real_array(value: object, shape: tuple[int, ...], name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """``value`` as float64 of exactly ``shape``. Lists and arrays of int and float only: no bool, no text, no NaN, no
    inf.

    A list is walked no further than ``shape`` allows, so a huge answer costs nothing. Raises ValueError with a
    sentence.
    """
    array: np.ndarray[Any, np.dtype[np.float64]] = _array(value, shape, name, "iuf", (int, float)).astype(np.float64)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds a value that is not finite (NaN, infinite or too large)")
    return array


def integer_array(value: object, shape: tuple[int, ...], name: str) -> np.ndarray[Any, np.dtype[np.int64]]:
    """``value`` as int64 of exactly ``shape``: integers only, no bool, none beyond 62 bits. Raises ValueError."""
    array = _array(value, shape, name, "iu", (int,))
    if array.size and (int(array.max()) >= 2**62 or int(array.min()) <= -(2**62)):
        raise ValueError(f"{name} holds an integer that is too large")
    integers: np.ndarray[Any, np.dtype[np.int64]] = array.astype(np.int64)
    return integers


def _array(value: object, shape: tuple[int, ...], name: str, kinds: str, types: tuple[type, ...]) -> Any:
    if isinstance(value, np.ndarray):
        if value.shape != shape:
            raise ValueError(f"{name} must have the shape {shape}, not {value.shape}")
        if value.dtype.kind not in kinds:
            raise ValueError(f"{name} must hold {_words(types)}, not {value.dtype}")
        return value
    flat = list(_walk(value, shape, name, types))
    try:
        return np.array(flat, dtype=np.float64 if float in types else np.int64).reshape(shape)
    except OverflowError:
        raise ValueError(f"{name} holds a number that is too large") from None


def _walk(value: object, shape: tuple[int, ...], name: str, types: tuple[type, ...]) -> Iterator[object]:
    if not shape:
        if isinstance(value, bool | np.bool_) or not isinstance(value, (*types, *_numpy_types(types))):
            raise ValueError(f"{name} must hold {_words(types)}, not {type(value).__name__}")
        yield value
        return
    if not isinstance(value, list | tuple | np.ndarray):
        raise ValueError(f"{name} must be a list or an array, not {type(value).__name__}")
    if len(value) != shape[0]:
        raise ValueError(f"{name} must have {shape[0]} items where it has {len(value)}")
    for item in value:
        yield from _walk(item, shape[1:], name, types)


def _numpy_types(types: tuple[type, ...]) -> tuple[type, ...]:
    return (np.integer, np.floating) if float in types else (np.integer,)


def _words(types: tuple[type, ...]) -> str:
    return "numbers" if float in types else "integers"
