"""Tests of how values are typeset."""

from __future__ import annotations

import pytest

from scientist.analysis import display


@pytest.mark.parametrize(
    ("value", "decimals", "signed", "text"),
    [
        (0.1234, 3, False, "0.123"),
        (-0.1234, 3, False, "$-$0.123"),
        (0.1234, 3, True, "+0.123"),
        (-0.0001, 3, True, "0.000"),
        (0, 3, True, "0.000"),
        (1234.5, 1, False, "1234.5"),
        (12345.6, 1, False, r"12\,345.6"),
        (-1234567, 0, True, r"$-$1\,234\,567"),
        (3.2e12, 2, False, r"$3.2\times 10^{12}$"),
    ],
)
def test_number(value, decimals, signed, text):
    assert display.number(value, decimals, signed=signed) == text


@pytest.mark.parametrize(
    ("p", "text"), [(0.0004, "$<$0.001"), (0.001, "0.001"), (0.0134, "0.013"), (0.02496, "0.0250"), (1.0, "1.000")]
)
def test_p_value(p, text):
    assert display.p_value(p, 0.025) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e-3, "0.001"), (1.0, "1"), (0.1, "0.1"), (3e-4, "0.0003"), (1e-8, "$10^{-8}$"),
        (2.5e-7, r"$2.5\times 10^{-7}$"), (True, "on"), (False, "off"), (12000, r"12\,000"), ("adam_w", r"adam\_w"),
        (-0.5, "$-$0.5"), (0.0, "0"),
    ],
)  # fmt: skip
def test_setting(value, text):
    assert display.setting(value) == text


def test_text_is_escaped():
    assert display.latex("50% of R&D_x") == r"50\% of R\&D\_x"
    assert display.latex("β of R^2") == "$\\beta$ of R$^{2}$"


def test_intervals_get_the_decimals_that_tell_their_ends_apart():
    assert display.interval(-0.01, 0.02, 3) == "[$-$0.010, 0.020]"
    assert display.decimals_for(3, 0.99801, 0.99832) == 4
    assert display.decimals_for(3, 0.5, 0.5) == 3


def test_ids_are_safe():
    assert display.safe_id("Train Time/epoch") == "train-time-epoch"
    assert display.safe_id("_x") == "x"
