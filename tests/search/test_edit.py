from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from scientist.search.candidate import Candidate, difference, read_candidate
from scientist.search.edit import Edit, EditRefused, Replacement, Rules, apply
from scientist.types import SlotSpec

CODE = """\
# --- locked ---
import json
from harness import score
# --- end of locked ---


def loss(x, y, power=2):
    return (x - y) ** power


def train(steps):
    total = 0
    for step in range(steps):
        total += loss(step, 1)
    total += 1
    return total


# --- locked ---
def main():
    print(json.dumps(score(train(3))))
# --- end of locked ---
"""
LOSS = SlotSpec(name="objective", file="experiment.py", function="loss", purpose="what is minimised")
RULES = Rules(editable=("experiment.py",), slots=(LOSS,))
BASE = Candidate(files={"experiment.py": CODE}, provenance="template")


def patch(search: str, replace: str, path: str = "experiment.py") -> Edit:
    return Edit(replacements=(Replacement(path=path, search=search, replace=replace),))


def slot(function: str, name: str = "objective") -> Edit:
    return Edit(slot=name, function=function)


def whole(text: str, path: str = "experiment.py") -> Edit:
    return Edit(files={path: text})


def test_each_way_makes_a_new_candidate_and_leaves_the_old_one_alone() -> None:
    wanted = CODE.replace("(x - y) ** power", "abs(x - y)")
    for edit in (
        patch("    return (x - y) ** power\n", "    return abs(x - y)"),
        slot("def loss(x: float, y: float, power: int = 2):\n    return abs(x - y)"),
        whole(wanted),
    ):
        made = apply(edit, BASE, RULES, provenance="model")
        assert "abs(x - y)" in made.files["experiment.py"] and made.parents == (BASE.id,)
        assert made.provenance == "model" and made.id != BASE.id
        rest = made.files["experiment.py"].replace(": float", "").replace(": int = 2", "=2")
        assert rest == wanted
    assert BASE.files["experiment.py"] == CODE


def test_replacements_are_applied_in_order_and_an_empty_one_deletes() -> None:
    edit = Edit(
        replacements=(
            Replacement(path="experiment.py", search="    total += 1", replace="    total += 2\n    total *= 2"),
            Replacement(path="experiment.py", search="    total *= 2", replace=""),
        )
    )
    made = apply(edit, BASE, RULES)
    assert made.files["experiment.py"] == CODE.replace("    total += 1\n", "    total += 2\n")


@pytest.mark.parametrize(
    ("edit", "kind", "told"),
    [
        (Edit(why="nothing"), "empty", "no change"),
        (Edit(slot="objective", function="x", files={"experiment.py": "x"}), "mixed", "slot and files"),
        (patch("    return 1", "    return 2"), "not_found", "does not stand in experiment.py"),
        (patch("    total += 3\n    return total", ""), "not_found", "    total += 1\n    return total"),
        (patch("    total", "    t"), "not_found", "SEARCH block 1"),
        (patch("", "x = 1"), "not_found", "is empty"),
        (patch("# --- locked ---", "x = 1"), "not_unique", "2 times in experiment.py (lines 1, 19)"),
        (patch("    return total", "    return total", "harness.py"), "not_editable", "only: experiment.py"),
        (whole("x = 1\n", "harness.py"), "not_editable", "harness.py may not be changed"),
        (whole("x = 1\n", "../experiment.py"), "not_editable", "may not be changed"),
        (whole("x = 1\n", "new.py"), "not_editable", "new.py"),
        (patch("    return total", "    return total +"), "syntax", "line 16: return total +"),
        (patch("    return total", "    return total\nreturn 1"), "syntax", "'return' outside function"),
        (patch("    return total", "    return '\0'"), "syntax", "null"),
        (whole(CODE + "x = " + "(" * 5000 + ")" * 5000), "syntax", "experiment.py would not parse"),
        (whole(CODE + "#" * 200_001), "too_long", "more than 200000"),
        (whole(CODE), "no_change", "changes nothing"),
        (patch("    total += 1", "    total += 1  # counts"), "no_change", "comments or spacing"),
        (patch("    print(json.dumps(score(train(3))))", "    print(1)"), "locked_region", "a locked part"),
        (patch("# --- end of locked ---\n\n\ndef loss", "\n\ndef loss"), "not_found", "def loss(x, y, power=2):"),
        (whole("\n".join(CODE.split("\n")[4:])), "locked_region", "a locked part"),
        (whole(CODE + "\n\ndef main():\n    print(7)\n"), "locked_region", "main is defined in a locked part"),
        (whole(CODE + "\nscore = abs\n"), "locked_region", "score is defined in a locked part"),
        (whole(CODE + "\nfrom math import sqrt as score\n"), "locked_region", "score"),
        (whole(CODE + "\nif 1:\n    class score: ...\n"), "locked_region", "score"),
        (whole(CODE + "\ndef f():\n    global score\n    score = abs\n"), "locked_region", "score"),
        (slot("def loss(x, y, power=3):\n    return 0"), "signature", "def loss(x, y, power=2)"),
        (slot("def loss(x, y):\n    return 0"), "signature", "keep its parameters"),
        (slot("def loss(x, y, power=2, *more):\n    return 0"), "signature", "keep its parameters"),
        (slot("@cache\ndef loss(x, y, power=2):\n    return 0"), "signature", "no decorator"),
        (slot("def other(x, y, power=2):\n    return 0"), "signature", "exactly one function, called loss"),
        (slot("import os\ndef loss(x, y, power=2):\n    return 0"), "signature", "exactly one function"),
        (slot("async def loss(x, y, power=2):\n    return 0"), "signature", "exactly one function"),
        (slot(""), "signature", "exactly one function"),
        (slot("def loss(x, y, power=2:\n    return 0"), "syntax", "the function loss would not parse"),
        (slot("def loss(x, y, power=2):\n    return 0", "rate"), "unknown_slot", "slots: objective"),
    ],
)  # fmt: skip
def test_a_refused_edit_says_why(edit: Edit, kind: str, told: str) -> None:
    with pytest.raises(EditRefused) as e:
        apply(edit, BASE, RULES)
    assert (e.value.kind, told in e.value.message) == (kind, True), e.value.message


def test_a_way_that_is_not_allowed_is_refused() -> None:
    with pytest.raises(EditRefused, match="only these ways of changing the code are allowed: slot"):
        apply(patch("    total += 1", "    total += 2"), BASE, replace(RULES, ways=("slot",)))


def test_a_new_import_and_a_local_name_of_a_locked_one_are_allowed() -> None:
    text = CODE.replace("def loss(x, y, power=2):", "import math\n\n\ndef loss(x, y, power=2):\n    score = math.pi")
    assert apply(whole(text), BASE, RULES).files["experiment.py"] == text


def test_evolve_blocks_lock_everything_around_them() -> None:
    text = "import os\n# EVOLVE-BLOCK-START\nx = 1\n# EVOLVE-BLOCK-END\nprint(x)\n"
    base = Candidate(files={"experiment.py": text})
    assert apply(patch("x = 1", "x = 2"), base, RULES).files["experiment.py"] == text.replace("1", "2")
    for edit in (patch("import os", "import io"), patch("print(x)", ""), whole("x = 2\n"), whole(text + "y = 1\n")):
        with pytest.raises(EditRefused, match="locked part"):
            apply(edit, base, RULES)


def test_the_id_is_the_content() -> None:
    assert Candidate(files={"a": "1", "b": "2"}, provenance="x").id == Candidate(files={"b": "2", "a": "1"}).id
    assert Candidate(files={"a": "1b 2"}).id != Candidate(files={"a": "1", "b": "2"}).id


@pytest.mark.skipif(shutil.which("patch") is None, reason="the program patch is not installed")
@pytest.mark.parametrize("after", ["one\n2\nthree\n", "one\ntwo\nthree\n", "", "three\r\none", "one\ntwo\nthree\nfour"])
def test_patch_turns_the_one_into_the_other(tmp_path: Path, after: str) -> None:
    old = {"a.py": "one\ntwo\nthree", "b.py": "x\n", "gone.py": "g\n"}
    new = {"a.py": after or "1\n", "b.py": "x\n", "new.py": "n\n"}
    for name, text in old.items():
        (tmp_path / name).write_bytes(text.encode())
    told = difference(old, new).encode()
    subprocess.run(["patch", "-p1", "-s", "--binary"], cwd=tmp_path, input=told, check=True)
    assert read_candidate(tmp_path, new).files == new and not (tmp_path / "gone.py").exists()
    assert difference(new, new) == ""
