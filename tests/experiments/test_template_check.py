from __future__ import annotations

from pathlib import Path

import pytest
from slotted import write_slotted
from tiny_template import TOML, V1_EXPERIMENT, executor, write_template

from scientist.experiments.check import CheckStep, check_template
from scientist.experiments.scaffold import new_template
from scientist.experiments.template import load_template


def steps(folder: Path, *, thorough: bool = False) -> dict[str, CheckStep]:
    report = check_template(load_template(folder), executor(), thorough=thorough, timeout_s=30)
    assert report.ok == all(s.status != "failed" for s in report.steps)
    return {s.name: s for s in report.steps}


def test_the_scaffold_passes_every_step(tmp_path: Path) -> None:
    heard: list[str] = []
    spec = load_template(new_template("demo", tmp_path))
    report = check_template(spec, executor(), report=lambda step: heard.append(step.name))
    assert report.ok and all(s.status == "ok" for s in report.steps if s.name != "time"), report.steps
    assert heard == ["declaration", "run", "time", "curves", "repeatable", "seed", "pilot"]
    assert report.metrics == dict.fromkeys(("gaussian", "heavy_tailed"), ("test_error", "train_error"))
    assert 0 < report.seconds_per_run < 30
    assert not list((tmp_path / "demo").glob("run_*")), "the template's own folder stays as it was"


@pytest.mark.parametrize(
    ("old", "new", "step", "expected"),
    [
        ("os.makedirs(a.out_dir)", "sys.exit('no data here')", "run", "no data here"),
        ('"score": value', '"scores": value', "run", "lacks the declared metric score"),
        ("seed / 10", "0", "seed", "seeds 0 and 1 give the same numbers"),
        ("return level + seed / 10", "import time; return time.time_ns()", "repeatable", "one.score"),
        ('c["phase"]', '{"confirmatory": 1}[c["phase"]]', "pilot", "KeyError"),
    ],
)
def test_each_broken_clause_is_named(tmp_path: Path, old: str, new: str, step: str, expected: str) -> None:
    folder = tmp_path / "tiny"
    write_template(folder)
    for file in ("experiment.py", "harness.py"):
        (folder / file).write_text((folder / file).read_text().replace(old, new))
    found = steps(folder)[step]
    assert found.status == "failed" and expected in found.message


def test_undeclared_or_missing_curves_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    write_template(folder, toml=TOML + '\n[[curves]]\nseries = "loss"\nlabel = "loss"\nx_label = "step"\n')
    assert "curves.json is not a JSON object" in steps(folder)["curves"].message
    text = (folder / "experiment.py").read_text()
    curves = '{d: {"x": "step", "series": {"acc": [[0, float("inf")]]}} for d in c["datasets"]}'
    (folder / "experiment.py").write_text(
        text + f'\njson.dump({curves}, open(a.out_dir + "/curves.json", "w"))\n'
        'json.dump({"one": {"points": 3}}, open(a.out_dir + "/samples.json", "w"))\n'
    )
    found = steps(folder)
    assert "lacks the declared series loss" in found["curves"].message
    assert '"acc" must be at most 200 finite [x, y] pairs' in found["curves"].message
    assert 'must hold finite [x, y] pairs in "reference"' in found["samples"].message


OTHERS = ', "cheat", "reconfigure", "link", "broken", "lacks", "text"'


def test_thorough_runs_every_level(tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    write_template(folder, toml=TOML.replace('"crash", "hang", "nan", "silent",', '"crash",').replace(OTHERS, ""))
    found = steps(folder, thorough=True)
    assert found["level level=3"].status == "ok"
    assert found["level behaviour=crash"].status == "failed"
    assert "told to crash" in found["level behaviour=crash"].message


@pytest.mark.parametrize(("call", "status"), [("gain(c[", "ok"), ("abs(c[", "failed")])
def test_thorough_finds_a_slot_that_is_not_used(tmp_path: Path, call: str, status: str) -> None:
    folder = tmp_path / "slotted"
    spec = write_slotted(folder)
    toml = (folder / "template.toml").read_text()
    start, end = toml.index("[factors.behaviour]"), toml.index("[datasets.one]")
    (folder / "template.toml").write_text(toml[:start] + toml[end:])
    code = (folder / "experiment.py").read_text().replace('gain(c["level"], c)', call + '"level"])')
    (folder / "experiment.py").write_text(code.replace("def gain(level, config)", "def gain(level, config=None)"))
    found = steps(folder, thorough=True)
    assert spec.slots[0].name == "gain" and found["slot gain"].status == status
    assert ("is not used" in found["slot gain"].message) == (status == "failed")


def test_a_v1_folder_is_run_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "experiment.py").write_text(V1_EXPERIMENT)
    report = check_template(load_template(folder), executor())
    assert report.ok and report.metrics == {"Shakespeare": ("final_loss_mean",)}
    assert [s.status for s in report.steps if s.name == "numbers"] == ["warning"]
    (folder / "experiment.py").write_text("open('../../data/shakespeare/train.bin')\n")
    failed = check_template(load_template(folder), executor())
    assert not failed.ok and "put the data\ninto the folder" in failed.steps[0].message
