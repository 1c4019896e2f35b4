"""The four layers of configuration, and their errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from scientist.config import load_config
from scientist.errors import UsageError


def test_layers_override_one_another_in_order(tmp_path: Path) -> None:
    (tmp_path / "scientist.toml").write_text('preset = "gpu"\nseed = 3\nworkers = 5\n')
    environ = {"SCIENTIST_RUN_SEED": "4", "SCIENTIST_RUN_WORKERS": "6"}
    config = load_config({"workers": 7, "seeds": None}, folder=tmp_path, environ=environ)
    assert (config.preset, config.seed, config.workers, config.seeds) == ("gpu", 4, 7, None)


def test_lists_come_from_the_environment_with_commas(tmp_path: Path) -> None:
    config = load_config({}, folder=tmp_path, environ={"SCIENTIST_RUN_SOURCES": "library,arxiv"})
    assert config.sources == ("library", "arxiv")


@pytest.mark.parametrize("flags", [{"min_scroe": 1}, {"alpha": 2}, {"seeds": 0}, {"workers": "many"}])
def test_wrong_settings_are_refused_by_name(tmp_path: Path, flags: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=next(iter(flags))):
        load_config(flags, folder=tmp_path, environ={})


def test_unknown_keys_of_the_file_are_errors_that_name_the_file(tmp_path: Path) -> None:
    (tmp_path / "scientist.toml").write_text("min_scroe = 4\n")
    with pytest.raises(UsageError, match=r"scientist\.toml") as error:
        load_config({}, folder=tmp_path, environ={})
    assert "min_score" in error.value.hint


def test_a_broken_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "scientist.toml").write_text("= 4")
    with pytest.raises(UsageError, match="not valid TOML"):
        load_config({}, folder=tmp_path, environ={})


def test_models_of_stages_are_merged_over_the_layers(tmp_path: Path) -> None:
    (tmp_path / "scientist.toml").write_text('model = "openai:a"\n[models]\nwrite = "openai:b"\nreview = "openai:c"\n')
    config = load_config(
        {"models": {"review": "openai:e"}}, folder=tmp_path, environ={"SCIENTIST_RUN_MODELS": "write=openai:d"}
    )
    assert config.model == "openai:a"
    assert config.models == {"write": "openai:d", "review": "openai:e"}


def test_a_model_for_an_unknown_stage_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no stage 'writing'"):
        load_config({"models": {"writing": "openai:a"}}, folder=tmp_path, environ={})
