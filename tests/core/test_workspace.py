"""Run folders, atomic writes, locks and names."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from scientist.errors import RunInterrupted, RunLocked, UsageError
from scientist.workspace import canonical_json, disk_errors, find_run, list_runs, run_lock, slug, write_text


def make_run(folder: Path, name: str) -> Path:
    (folder / name).mkdir(parents=True)
    (folder / name / "run.toml").write_text('topic = "t"')
    return folder / name


def test_a_write_replaces_the_whole_file_and_leaves_no_temporary(tmp_path: Path) -> None:
    write_text(tmp_path / "a" / "x.txt", "one")
    write_text(tmp_path / "a" / "x.txt", "two")
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["x.txt"]
    assert (tmp_path / "a" / "x.txt").read_text() == "two"


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    write_text(tmp_path / "x.txt", "old")
    with pytest.raises(UnicodeEncodeError):
        write_text(tmp_path / "x.txt", "\ud800")
    assert (tmp_path / "x.txt").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_second_process_is_refused_with_the_owner(tmp_path: Path) -> None:
    root = make_run(tmp_path, "r")
    code = (
        f"from pathlib import Path\nfrom scientist.workspace import run_lock\nwith run_lock(Path({str(root)!r})): pass"
    )
    with run_lock(root):
        second = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert "another process (pid" in second.stderr
    with run_lock(root):
        pass


def test_lock_is_released_on_errors(tmp_path: Path) -> None:
    root = make_run(tmp_path, "r")
    with pytest.raises(ValueError, match="x"), run_lock(root):
        raise ValueError("x")
    with run_lock(root), pytest.raises(RunLocked), run_lock(root):
        pass


def test_disk_trouble_is_an_error_to_resume_from(tmp_path: Path) -> None:
    with pytest.raises(RunInterrupted, match="No space left") as error, disk_errors("writing", tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device", "x")
    assert "scientist resume" in error.value.hint
    with pytest.raises(FileNotFoundError), disk_errors("reading", tmp_path):
        raise FileNotFoundError(errno.ENOENT, "gone", "x")


def test_runs_are_found_by_id_prefix_path_and_latest(tmp_path: Path) -> None:
    one, two = make_run(tmp_path, "alpha-1"), make_run(tmp_path, "alpha-2")
    papers = tmp_path / "papers"
    assert list_runs(tmp_path) == [one, two]
    assert find_run(tmp_path, papers, "alpha-2").root == two
    assert find_run(tmp_path, papers, str(one)).root == one
    assert find_run(tmp_path, papers, "latest").root == two
    for bad, message in (("alpha", "several"), ("beta", "no run")):
        with pytest.raises(UsageError, match=message):
            find_run(tmp_path, papers, bad)


def test_equal_values_have_equal_bytes() -> None:
    assert canonical_json({"b": 1, "a": (1.5, "é")}) == '{"a":[1.5,"é"],"b":1}'
    with pytest.raises(ValueError, match="JSON"):
        canonical_json({"a": float("nan")})


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Does weight decay speed up grokking?", "does-weight-decay-speed-up-grokking"),
        ("???", "run"),
        ("x" * 90, "x" * 40),
    ],
)
def test_slugs_are_short_and_safe(text: str, name: str) -> None:
    assert slug(text) == name
