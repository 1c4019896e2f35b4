"""``scientist cite check``: verdicts, exit codes, and what is printed for programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

GOOD = """@inproceedings{a, title={Attention is All you Need}, author={Vaswani, Ashish and Shazeer, Noam and others},
 year=2017}
@article{b, title={A thing that no library holds}, author={No One}, year=2020}
"""
BAD = """@article{c, title={Deep Residual Learning for Image Recognition}, year={2016},
 author={Xiangyu Zhang and Kaiming He and Shaoqing Ren and Jian Sun}}
@article{d, title={Attention is All you Need}, author={Ashish Vaswani and others}, year=2017}
"""


def check(tmp_path: Path, text: str, *args: str) -> subprocess.CompletedProcess[str]:
    file = tmp_path / "refs.bib"
    file.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "scientist.cli.main", "cite", "check", str(file), "--offline", *args]
    environment = {
        **os.environ,
        "SCIENTIST_HOME": str(tmp_path / "home"),
        "SCIENTIST_CACHE_DIR": str(tmp_path / "kept"),
    }
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)


def test_offline_nothing_is_called_fine_that_was_only_not_contradicted(tmp_path: Path) -> None:
    done = check(tmp_path, GOOD)
    assert done.returncode == 0, done.stderr
    assert "verified line 1: Attention is All you Need" in done.stdout
    assert "not verified online line 3: A thing that no library holds" in done.stdout
    assert "0 confirmed online" in done.stderr


def test_contradictions_doubles_and_broken_entries_end_with_1(tmp_path: Path) -> None:
    done = check(tmp_path, GOOD + BAD + "@article{e, title = {no end\n", "--json")
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert [v["status"] for v in told["entries"]] == ["verified", "not_verified_online", "mismatch", "verified"]
    assert told["entries"][2]["differences"][0]["field"] == "authors"
    assert told["doubled"] == [["Attention is All you Need", "Attention is All you Need"]]
    assert len(told["unreadable"]) == 1


def test_a_file_that_is_none_is_a_usage_error(tmp_path: Path) -> None:
    done = check(tmp_path, "")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
