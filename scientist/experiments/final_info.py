"""Read ``final_info.json`` without trusting it: its shape, its names, and that every number is a finite number."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from scientist.types import DatasetResult

MAX_BYTES = 64 * 1024 * 1024


class OutputProblem(Exception):
    """What is wrong with the output; ``missing`` says that there is none."""

    def __init__(self, message: str, *, missing: bool = False) -> None:
        super().__init__(message)
        self.missing = missing


class Measured(NamedTuple):
    """The checked results by data set, and entries of a v1 file that are no numbers and so were left out."""

    results: dict[str, DatasetResult]
    left_out: tuple[str, ...]


def read_final_info(
    file: Path, *, datasets: Sequence[str] = (), metrics: Sequence[str] = (), strict: bool = False
) -> Measured:
    """The results in ``file``, in which every data set in ``datasets`` has every metric in ``metrics``.

    Unless ``strict``, as in the v1 contract, there may be further data sets and keys, and entries that are no numbers;
    the latter are named in ``left_out``. Raises OutputProblem.
    """
    value = _read(file)
    if not isinstance(value, dict) or not value:
        raise OutputProblem('final_info.json must be an object {"<dataset>": {"means": {...}}}')
    missing = [d for d in datasets if d not in value]
    if missing:
        raise OutputProblem(f"final_info.json has no data set {', '.join(missing)}; it has {', '.join(value)}")
    left_out: list[str] = []
    if strict and (surplus := sorted(set(value) - set(datasets))):
        raise OutputProblem(f"final_info.json has the data set {', '.join(surplus)}, which was not asked for")
    results = {name: _dataset(name, entry, left_out, strict=strict) for name, entry in value.items()}
    for name, result in results.items():
        absent = [m for m in metrics if m not in result.means]
        if absent:
            raise OutputProblem(f'final_info.json "{name}" lacks the declared metric {", ".join(absent)}')
    return Measured(results, tuple(left_out))


def is_plain_file(path: Path) -> bool:
    """A regular file and no link: what a run leaves is opened by us, outside the sandbox."""
    return path.is_file() and not path.is_symlink() and not path.parent.is_symlink()


def _read(file: Path) -> Any:
    if not is_plain_file(file):
        raise OutputProblem(f"the run left no {file.parent.name}/{file.name}", missing=True)
    if file.stat().st_size > MAX_BYTES:
        raise OutputProblem(f"{file.name} is larger than {MAX_BYTES // 1024**2} MiB")
    try:
        return json.loads(file.read_bytes())
    except (ValueError, RecursionError) as e:
        raise OutputProblem(f"{file.name} is not JSON: {e}") from e


def _dataset(name: str, entry: Any, left_out: list[str], *, strict: bool) -> DatasetResult:
    if not isinstance(entry, dict) or not isinstance(entry.get("means"), dict):
        raise OutputProblem(f'final_info.json "{name}" must be an object with an object "means"')
    unknown = sorted(set(entry) - {"means", "stderrs", "final_info_dict"})
    if strict and unknown:
        raise OutputProblem(f'final_info.json "{name}" has the unknown key {", ".join(unknown)}')
    stderrs = entry.get("stderrs")
    if stderrs is not None and not isinstance(stderrs, dict):
        raise OutputProblem(f'final_info.json "{name}" "stderrs" must be an object')
    means = _numbers(f"{name}.means", entry["means"], left_out, strict=strict)
    if not means:
        raise OutputProblem(f'final_info.json "{name}" "means" holds no number')
    return DatasetResult(means=means, stderrs=_numbers(f"{name}.stderrs", stderrs or {}, left_out, strict=strict))


def _numbers(where: str, values: dict[str, Any], left_out: list[str], *, strict: bool) -> dict[str, float]:
    numbers: dict[str, float] = {}
    for key, value in values.items():
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            number = _finite(f"{where}.{key}", value)
            numbers[key] = number
        elif strict:
            raise OutputProblem(f"final_info.json {where}.{key} is not a number: {json.dumps(value)[:60]}")
        else:
            left_out.append(f"{where}.{key}")
    return numbers


def _finite(where: str, value: float) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise OutputProblem(f"final_info.json {where} is {number}, not a finite number")
    return number
