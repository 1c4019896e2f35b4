"""A small real model for the tests that want one: the file that SCIENTIST_TEST_GGUF names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def small_model() -> Path:
    """The GGUF file; skips the test where there is none."""
    pytest.importorskip("xllamacpp", reason="no xllamacpp here")
    named = os.environ.get("SCIENTIST_TEST_GGUF")
    if not named or not Path(named).is_file():
        pytest.skip("SCIENTIST_TEST_GGUF names no model file")
    return Path(named)
