"""Golden files of rendered prompts: what a model is sent is read by people before it changes.

``UPDATE_GOLDEN=1 pytest …`` writes the files anew; the difference then shows in version control.
"""

from __future__ import annotations

import os
from pathlib import Path

from scientist.prompts import Prompt

FOLDER = Path(__file__).parent / "prompts"


def assert_golden(prompt: Prompt, name: str) -> None:
    """``prompt`` renders as ``golden/prompts/<name>.md`` says; ``name`` is ``<stage>_<verb>`` or begins so."""
    file = FOLDER / f"{name}.md"
    text = f"<!-- {prompt.name} {prompt.label} -->\n\n# system\n\n{prompt.system}\n# user\n\n{prompt.user}"
    if os.environ.get("UPDATE_GOLDEN"):
        FOLDER.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert file.exists(), f"{file.name} is missing: run this test once with UPDATE_GOLDEN=1 and read what it wrote"
    assert text == file.read_text(encoding="utf-8"), f"{file.name} differs: read it, then run with UPDATE_GOLDEN=1"
