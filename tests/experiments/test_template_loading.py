from __future__ import annotations

import json
from pathlib import Path

import pytest
from tiny_template import TOML, write_template

from scientist.errors import TemplateError, UsageError
from scientist.experiments.scaffold import new_template
from scientist.experiments.template import (
    builtin_folder,
    find_templates,
    load_template,
    resolve_template,
    template_hash,
)


def message(folder: Path, toml: str) -> str:
    with pytest.raises(TemplateError) as e:
        write_template(folder, toml=toml)
    assert str(folder / "template.toml") in e.value.message
    return e.value.message


def test_loads_every_declared_value(tmp_path: Path) -> None:
    spec = write_template(tmp_path / "tiny")
    assert (spec.name, spec.contract, spec.path) == ("tiny", "scientist", str(tmp_path / "tiny"))
    assert spec.metric("score").primary and spec.factor("level").levels == (1, 2, 3)
    assert [d.name for d in spec.datasets] == ["one", "two"]
    assert spec.locked == ("harness.py",) and spec.editable == ("experiment.py",)
    assert spec.preset("cpu").settings == {"pause": 0.0}


def test_all_problems_are_listed_at_once_with_their_keys(tmp_path: Path) -> None:
    toml = (
        TOML.replace('goal = "max"', 'goal = "up"')
        .replace('summary = "A', 'sumary = "A')
        .replace("[presets.smoke]", "[presset.smoke]")
        .replace('[factors.level]\ntype = "int"', "[factors.level]")
        .replace('id = "h1"', 'id = "H 1"')
    )
    text = message(tmp_path / "tiny", toml)
    assert "[metrics.score] goal: must be 'max' or 'min', not \"up\"" in text
    assert "[template] sumary: unknown key; did you mean summary?" in text
    assert "presset: unknown key; did you mean presets?" in text
    assert "[factors.level] type: is missing" in text
    assert "[[hypotheses]] H 1 id: 'H 1' is not an id" in text


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("primary = true", "primary = false", "exactly one metric must have primary = true; now: none"),
        ("control = 1", "control = 7", "control: 7 is not a level of level; levels: 1, 2, 3"),
        ("treatment = 3", "treatment = 1", "treatment: is the same as control"),
        ('metric = "score"', 'metric = "scor"', "metric: scor is not declared; metrics: score"),
        ('factor = "level"', 'factor = "levle"', "factor: levle is not declared; factors: level, behaviour"),
        ("baseline = 1", "baseline = true", "[factors.level] baseline: True is not one of the levels"),
        ("levels = [1, 2, 3]", "levels = [1, 3, 2]", "[factors.level] levels: must ascend"),
        ("levels = [1, 2, 3]", "levels = [1, 2.5, 3]", "[factors.level] levels: 2.5 is not of type int"),
        ("levels = [1, 2, 3]", "levels = [1, 3, 3]", "[factors.level] levels: a level is given twice"),
        ("[presets.cpu]", "[presets.big]", "[presets.cpu]: the preset is missing"),
        ("{ pause = 0.0 }", "{ seed = 3 }", "[presets.smoke] settings.seed: the name is reserved"),
        ("memory_mb = 256", 'locked = ["gone.py"]', "[template] locked: there is no file gone.py"),
        ("memory_mb = 256", 'editable = ["harness.py"]', "[template] editable: harness.py is locked too"),
        ("memory_mb = 256", 'locked = ["../x.py"]', "../x.py must lie inside the template's folder"),
        ("sesoi = 0.1", "sesoi = 0.0", "[metrics.score] sesoi: must be greater than 0"),
        ('because = "the', 'cites = ["x"]\nbecause = "the', "cites: no [[related]] entry has the id x"),
        ('because = "the', 'moderator = "level"\nbecause = "the', "moderator: is the factor itself"),
    ],
)
def test_contradictions_name_the_key(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert expected in message(tmp_path / "tiny", TOML.replace(old, new))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('method = ["Trained for {cfg.steps} steps."]', "{cfg.steps}: no preset or factor sets steps"),
        ('method = ["See {cite.nobody}."]', "{cite.nobody}: no [[related]] entry is called nobody"),
        ('method = ["With {f.label}."]', "{f.label} is unknown"),
        ('method = ["Trained for 300 steps."]', "the number 300 is typed"),
        ('implications = { "h1.up" = "Good." }', "h1.up: the key must be <hypothesis id>.<increase|decrease|null>"),
    ],
)
def test_prose_is_checked(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in message(tmp_path / "tiny", f"{TOML}\n[text]\n{text}\n")


def test_prose_may_hold_mathematics_and_either_spelling_of_implications(tmp_path: Path) -> None:
    text = '[text]\nmethod = ["We use $\\\\ell_2$ and $x^3$ at {cfg.pause}."]\n[text.implications]\nh1.null = "None."\n'
    spec = write_template(tmp_path / "tiny", toml=f"{TOML}\n{text}")
    assert spec.text.implications == {"h1.null": "None."}


def test_a_claim_holds_its_citation_once(tmp_path: Path) -> None:
    entry = '[[related]]\nid = "r"\ntitle = "T"\nclaim = "It was seen."\nbears_on = ["levell"]\n'
    text = message(tmp_path / "tiny", f"{TOML}\n{entry}")
    assert "[[related]] r claim: must hold {cite} exactly once" in text
    assert "[[related]] r bears_on: levell is neither a factor nor a metric" in text


def test_whole_numbers_of_a_float_factor_become_floats(tmp_path: Path) -> None:
    toml = TOML.replace('type = "int"', 'type = "float"').replace("{ pause = 0.0 }", "{ level = 2 }")
    spec = write_template(tmp_path / "tiny", toml=toml)
    h = spec.hypotheses[0]
    values = [*spec.factor("level").levels, spec.factor("level").baseline, h.control, h.treatment]
    assert all(type(v) is float for v in [*values, spec.preset("cpu").settings["level"]])


def test_broken_toml_names_file_and_line(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"template\.toml is not TOML: .*line 2"):
        write_template(tmp_path / "tiny", toml="[template]\ntitle = \n")


def test_a_folder_without_an_experiment_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"has no experiment\.py"):
        load_template(tmp_path)


def test_hash_covers_the_template_and_nothing_that_runs_leave(tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    write_template(folder)
    before = template_hash(folder)
    for name in ("run_0", "__pycache__", ".git"):
        (folder / name).mkdir()
        (folder / name / "x").write_text("x")
    assert template_hash(folder) == before
    (folder / "run_helper.py").write_text("x = 1\n")
    with_helper = template_hash(folder)
    (folder / "harness.py").write_text("# changed\n")
    assert len({before, with_helper, template_hash(folder)}) == 3
    (folder / "link.py").symlink_to("harness.py")
    with pytest.raises(TemplateError, match=r"link\.py is a symbolic link"):
        template_hash(folder)


def test_hash_does_not_depend_on_where_the_folder_lies(tmp_path: Path) -> None:
    write_template(tmp_path / "a")
    write_template(tmp_path / "deep" / "b")
    assert template_hash(tmp_path / "a") == template_hash(tmp_path / "deep" / "b")


def test_v1_folder_takes_its_words_from_prompt_and_ideas(tmp_path: Path) -> None:
    folder = tmp_path / "nanoGPT_lite"
    folder.mkdir()
    (folder / "experiment.py").write_text("")
    (folder / "prompt.json").write_text(json.dumps({"system": "s", "task_description": "Study character language."}))
    (folder / "seed_ideas.json").write_text(json.dumps([{"Name": "x", "Title": "Language schedules", "Experiment": 3}]))
    spec = load_template(folder)
    assert (spec.name, spec.contract, spec.title) == ("nanogpt_lite", "v1", "nanoGPT lite")
    assert spec.summary == "Study character language." and spec.metrics == () and spec.presets == ()
    assert {"language", "character", "schedules", "nanogpt"} <= set(spec.keywords) and "study" in spec.keywords
    (folder / "prompt.json").write_text("{")
    with pytest.raises(TemplateError, match=r"prompt\.json is not JSON"):
        load_template(folder)


def test_finding_and_resolving(tmp_path: Path) -> None:
    write_template(tmp_path / "many" / "tiny")
    write_template(tmp_path / "many" / "small")
    found = find_templates([tmp_path / "many"])
    assert {"tiny", "small"} <= {t.name for t in found}
    assert [t.name for t in found] == sorted(t.name for t in found)
    assert find_templates([tmp_path / "many" / "tiny"])[-1].path == str(tmp_path / "many" / "tiny")
    assert resolve_template("tiny", [tmp_path / "many"]).name == "tiny"
    assert resolve_template(str(tmp_path / "many" / "small")).name == "small"
    with pytest.raises(TemplateError, match="did you mean tiny"):
        resolve_template("tinny", [tmp_path / "many"])
    with pytest.raises(TemplateError, match="is not a template"):
        resolve_template(str(tmp_path / "many"))


@pytest.mark.parametrize("folder", sorted(builtin_folder().glob("*/template.toml")), ids=lambda p: p.parent.name)
def test_builtin_templates_load(folder: Path) -> None:
    spec = load_template(folder.parent)
    assert spec.contract == "scientist" and spec.licence


def test_a_new_template_is_complete(tmp_path: Path) -> None:
    path = new_template("label_noise", tmp_path)
    spec = load_template(path)
    assert (spec.name, spec.title) == ("label_noise", "Label noise")
    assert spec.hypotheses and spec.related and spec.curves and spec.text.background
    with pytest.raises(UsageError, match="exists already"):
        new_template("label_noise", tmp_path)
    with pytest.raises(UsageError, match="cannot be a template's name"):
        new_template("../escape", tmp_path)
