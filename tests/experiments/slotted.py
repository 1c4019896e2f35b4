"""A tiny template with a slot and locked regions, an idea that changes its code, and a coder that plays edits."""

from __future__ import annotations

from pathlib import Path

from tiny_template import HARNESS, TOML

from scientist.experiments.template import load_template
from scientist.mind.base import CodeRequest
from scientist.search.edit import Edit, Replacement
from scientist.types import Idea, IdeaKind, Intervention, TemplateSpec

SLOT = """
[slots.gain]
file = "experiment.py"
function = "gain"
purpose = "how much a level is worth"
"""

EXPERIMENT = """\
# --- locked ---
import argparse, json, os
from harness import score
# --- end of locked ---


def gain(level, config):
    return level


# --- locked ---
p = argparse.ArgumentParser()
p.add_argument("--out_dir"); p.add_argument("--config"); p.add_argument("--seed", type=int)
a = p.parse_args()
c = json.load(open(a.config))
print("phase", c["phase"], "change", c.get("code_change"), "at", hex(id(c)), flush=True)
value = score(gain(c["level"], c), a.seed)
os.makedirs(a.out_dir)
info = {d: {"means": {"score": value}} for d in c["datasets"]}
open(os.path.join(a.out_dir, "final_info.json"), "w").write(json.dumps(info))
# --- end of locked ---
"""

IDEA = Idea(
    id="doubled-gain",
    template="slotted",
    kind=IdeaKind.INTERVENTION,
    title="Doubling the gain",
    question="Does doubling the gain raise the score?",
    hypothesis="Doubling the gain raises the score.",
    factor="code_change",
    control=False,
    treatment=True,
    levels=(False, True),
    datasets=("one",),
    metric="score",
    direction="increase",
    because="the score grows with the gain",
    intervention=Intervention(label="doubled gain", description="Multiply the level by two.", slot="gain"),
    runs=4,
    minutes=0.5,
)

DOUBLED = Edit(why="Twice.", slot="gain", function="def gain(level, config):\n    return 2 * level")
SAME = Edit(slot="gain", function="def gain(level, config):\n    return level * 1")
CRASHING = Edit(slot="gain", function="def gain(level, config):\n    return level / (level - level)")
UNPARSABLE = Edit(slot="gain", function="def gain(level, config)\n    return 2")
MEDDLING = Edit(replacements=(Replacement(path="experiment.py", search="value = score(gain(c[\"level\"], c), a.seed)",
                                          replace="value = 99"),))  # fmt: skip
CHEATING = Edit(
    slot="gain",
    function='def gain(level, config):\n    open("harness.py", "w").write("score = max")\n    return level',
)


def write_slotted(folder: Path) -> TemplateSpec:
    folder.mkdir(parents=True, exist_ok=True)
    toml = TOML.replace("[presets.smoke]", SLOT + "\n[presets.smoke]", 1)
    for name, text in (("template.toml", toml), ("harness.py", HARNESS), ("experiment.py", EXPERIMENT)):
        (folder / name).write_text(text)
    return load_template(folder)


class Player:
    """A coder that answers with its edits in turn and notes what it was asked."""

    name = "player"

    def __init__(self, *edits: Edit | Exception) -> None:
        self.edits = list(edits)
        self.asked: list[CodeRequest] = []

    def code(self, request: CodeRequest) -> Edit:
        self.asked.append(request)
        edit = self.edits.pop(0)
        if isinstance(edit, Exception):
            raise edit
        return edit
