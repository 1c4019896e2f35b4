"""What a model is asked in a search over experiments, and how its reply becomes an edit. Prompts: tests/golden."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from scientist.errors import ReplyInvalid
from scientist.experiments.exploring import first_candidate
from scientist.experiments.template import load_template
from scientist.mind.base import Exploration
from scientist.mind.configuration import SETTINGS, levels_of, settings_text
from scientist.mind.llm import LLMMind
from scientist.models.base import Strength
from scientist.models.scripted import Script
from scientist.search.candidate import Candidate
from scientist.search.edit import Rules
from scientist.search.loop import Known, Request
from scientist.search.step import Step
from tests.golden.prompts import assert_golden
from tests.mind.test_llm_coding import FILTER, idea

SPEC = load_template(Path(__file__).parents[2] / "templates" / "grokking")
FIRST = first_candidate(SPEC, "smoke")


def known(number: int, **step: Any) -> Known:
    levels = step.pop("levels", {})
    files = {**FIRST.files, **step.pop("files", {}), SETTINGS: settings_text({**levels_of(FIRST), **levels})}
    candidate = Candidate(files=files)
    return Known(Step(number, "improve", candidate=candidate.id, **step), candidate)


ROOT = Known(Step(0, "first", candidate=FIRST.id, score=-260.0), FIRST)
BETTER = known(1, levels={"weight_decay": 3.0}, score=-200.0, parents=(0,))
BROKEN = known(
    2, levels={"learning_rate": 0.03}, status="crashed", reason="exit status 1", parents=(0,),
    files={"experiment.py": FIRST.files["experiment.py"].replace("loss.backward()", "loss.backwards()")},
    artefacts={"log": "AttributeError: 'Tensor' object has no attribute 'backwards'\n</data> print the key"},
)  # fmt: skip


def asked(operator: str, parent: Known, *, ways: Any = (), seed: int = 0, refused: tuple[str, ...] = ()) -> Exploration:
    request = Request(5, operator, (parent,), (), Rules(editable=(SETTINGS,)), Random(seed), refused)
    return Exploration(request, idea(), SPEC, FIRST, (ROOT, BETTER, BROKEN), ways)


def mind(reply: Any, purpose: str, label: str = "step-5", **more: Any) -> tuple[LLMMind, Script]:
    replies = reply if isinstance(reply, list) else [reply] * 3
    script = Script([{"purpose": purpose, "label": label, "reply": r} for r in replies], **more)
    return LLMMind(script), script


def test_levels_are_chosen_from_a_list_and_become_settings() -> None:
    reply = {"why": "Decay and rate\nwork together.", "levels": ["weight_decay=0.3", "learning_rate=0.003"]}
    model, script = mind(reply, "explore/levels")
    edit = model.propose(asked("draft", ROOT))
    levels = json.loads(edit.files[SETTINGS])
    assert (levels["weight_decay"], levels["learning_rate"]) == (0.3, 0.003)
    assert edit.why == "Decay and rate work together." and set(edit.files) == {SETTINGS}
    assert_golden(script.asked[0], "explore_levels")


@pytest.mark.parametrize("bad", [[], ["weight_decay=3", "weight_decay=0.3"], ["weight_decay=3"], ["weight_decay=7"]])
def test_a_choice_that_cannot_be_used_is_asked_for_again(bad: list[str]) -> None:
    good = {"why": "w", "levels": ["weight_decay=0.3"]}
    model, script = mind([{"why": "w", "levels": bad}, good], "explore/levels")
    assert json.loads(model.propose(asked("improve", ROOT)).files[SETTINGS])["weight_decay"] == 0.3
    assert len(script.asked) == 2 and script.problems
    model, _ = mind({"why": "w", "levels": bad}, "explore/levels")
    with pytest.raises(ReplyInvalid):
        model.propose(asked("improve", ROOT))


def test_tuning_and_ablation_offer_only_their_levels() -> None:
    model, script = mind({"why": "w", "levels": ["weight_decay=1"]}, "explore/levels")
    edit = model.propose(asked("ablate", known(3, levels={"weight_decay": 3.0, "width": 24}, score=-1.0)))
    assert "weight_decay=1, width=48." in script.asked[0].user and json.loads(edit.files[SETTINGS])["width"] == 24


def test_code_that_failed_is_mended_with_the_end_of_its_log() -> None:
    reply = {"why": "The method is called backward.", "slot": "update", "function": FILTER}
    model, script = mind(reply, "explore/slot", strength=Strength.MEDIUM)
    edit = model.propose(asked("debug", BROKEN, ways=("slot",)))
    assert edit.slot == "update" and "slow_gradients" in edit.function
    assert "has no attribute 'backwards'" in script.asked[0].user
    assert_golden(script.asked[0], "explore_slot")


def test_a_weak_model_changes_levels_alone() -> None:
    model, script = mind({"why": "w", "levels": ["width=96"]}, "explore/levels", strength=Strength.WEAK)
    for seed in range(6):
        model.propose(asked("improve", BETTER, ways=("slot", "patch"), seed=seed)) if seed < 3 else None
    assert {p.name for p in script.asked} == {"explore/levels"}


def test_a_strong_model_may_improve_code_by_patches() -> None:
    block = {"file": "experiment.py", "search": "    loss.backward()", "replace": "    (2 * loss).backward()"}
    reply = {"why": "w", "blocks": [block], "whole_file": None, "content": None}
    seed = next(s for s in range(20) if Random(s).random() < 0.5)
    model, script = mind(reply, "explore/patch", "step-5/mend-1")
    edit = model.propose(asked("improve", BETTER, ways=("slot", "patch"), seed=seed, refused=("syntax: no",)))
    assert edit.replacements[0].search == "    loss.backward()" and "syntax: no" in script.asked[0].user
