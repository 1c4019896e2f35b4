"""Reading what a candidate returned: nothing that is no array of numbers of the right shape gets through."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scientist.search.returned import integer_array, real_array


@pytest.mark.parametrize(
    "value", [[[1, 2.5], [3, 4]], ((1, 2.5), (3, 4)), np.array([[1, 2.5], [3, 4]]), [np.array([1, 2.5]), [3, 4]]]
)
def test_numbers_are_taken_however_they_are_nested(value: Any) -> None:
    found = real_array(value, (2, 2), "x")
    assert found.dtype == np.float64 and found.tolist() == [[1.0, 2.5], [3.0, 4.0]]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([1.0], "2 items"), ([1.0, 2.0, 3.0], "2 items"), ([1.0, [2.0]], "list"), ([1.0, True], "bool"),
        ([1.0, "2"], "str"),
        ([1.0, None], "NoneType"), ([1.0, float("nan")], "not finite"), ([1.0, float("-inf")], "not finite"),
        ([1.0, 10**400], "too large"), ([1.0, 1j], "complex"), ("ab", "str"), (None, "NoneType"),
        ({0: 1, 1: 2}, "dict"),
        (np.zeros((2, 1)), "shape"), (np.zeros(2, bool), "bool"), (np.zeros(2, complex), "complex"),
        (np.array([1.0, np.inf]), "finite"),
        (np.array(["1", "2"]), "numbers"), (np.array([1, None], dtype=object), "object"),
        ([np.bool_(True), 1.0], "bool"),
    ],
)  # fmt: skip
def test_anything_else_is_refused(value: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        real_array(value, (2,), "x")


def test_a_huge_list_is_refused_before_it_is_read() -> None:
    class Endless(list[float]):
        def __len__(self) -> int:
            return 10**12

        def __iter__(self) -> Any:
            raise AssertionError("it was read")

    with pytest.raises(ValueError, match="must have 2 items where it has 1000000000000"):
        real_array(Endless(), (2,), "x")


def test_integers_are_integers() -> None:
    assert integer_array([3, np.int8(4)], (2,), "x").tolist() == [3, 4]
    assert integer_array(np.array([3, 4], np.uint8), (2,), "x").dtype == np.int64
    for bad in ([3, 4.0], [3, True], np.array([3.0, 4.0]), [3, 2**63], [3, 2**62], np.array([3, 2**63], np.uint64)):
        with pytest.raises(ValueError, match=r"integer|large"):
            integer_array(bad, (2,), "x")


def test_a_single_number_has_the_empty_shape() -> None:
    assert real_array(2, (), "x").item() == 2.0
    with pytest.raises(ValueError, match="numbers"):
        real_array([2], (), "x")
