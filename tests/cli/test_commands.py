"""The command line: what it imports, its exit codes, and what it prints for programs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "langgraph",
    "langchain_core",
    "httpx",
    "numpy",
    "scipy",
    "matplotlib",
    "torch",
    "tantivy",
    "pypdf",
    "pydantic",
)


def run(*args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scientist.cli.main", *args]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['scientist', '--help']\n"
        "from scientist.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print('LOADED', [m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "LOADED []" in done.stdout, done.stdout[-400:] + done.stderr


def test_help_documents_the_exit_codes(tmp_path: Path) -> None:
    done = run("--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "Exit codes" in done.stdout


def test_a_topic_that_nothing_can_study_ends_clearly(tmp_path: Path) -> None:
    done = run("run", "the migration of arctic terns", cwd=tmp_path)
    assert done.returncode == 3
    assert "What can be studied here" in done.stderr
    assert "grokking" in done.stderr
    assert "scientist templates new" in done.stderr
    assert not (tmp_path / "experiments").exists()


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (("run", "grokking", "--preset", "huge"), 2, "no preset"),
        (("run", "grokking", "--template", "nowhere"), 2, "no template is called"),
        (("run", "grokking", "--alpha", "1"), 2, "No such option"),
        (("resume", "nothing"), 2, "no run"),
        (("show", "nothing"), 2, "no run"),
        (("review", "missing.pdf"), 7, "missing.pdf"),
        (("search", "x", "--source", "nowhere"), 2, "known:"),
    ],
)
def test_mistakes_have_codes_and_messages(args: tuple[str, ...], code: int, message: str, tmp_path: Path) -> None:
    done = run(*args, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unwritable_folder_is_named(tmp_path: Path) -> None:
    done = run("run", "does weight decay speed up grokking?", "--experiments-dir", "/proc/nowhere", cwd=tmp_path)
    assert done.returncode == 2
    assert "/proc/nowhere" in done.stderr
    assert "Traceback" not in done.stderr


def test_json_goes_to_stdout_alone(tmp_path: Path) -> None:
    assert json.loads(run("list", "--json", cwd=tmp_path).stdout) == []
    names = {t["name"] for t in json.loads(run("templates", "list", "--json", cwd=tmp_path).stdout)}
    assert {"grokking", "digits", "char_lm", "diffusion_2d"} <= names
    found = json.loads(run("search", "adam optimization", "--json", cwd=tmp_path).stdout)
    assert any("Adam" in r["paper"]["title"] for r in found)


def test_ideas_are_ranked_with_reasons(tmp_path: Path) -> None:
    printed = json.loads(run("ideas", "does weight decay speed up grokking?", "--json", cwd=tmp_path).stdout)
    scores = [i["scores"]["total"] for i in printed["ideas"]]
    assert scores == sorted(scores, reverse=True)
    assert printed["ideas"][0]["idea"]["factor"] == "weight_decay"
    assert {i["idea"]["kind"] for i in printed["ideas"]} >= {"dose_response", "interaction", "robustness", "trade_off"}


def test_doctor_names_what_is_there(tmp_path: Path) -> None:
    checks = {c["name"]: c for c in json.loads(run("doctor", "--json", cwd=tmp_path).stdout)}
    assert checks["python"]["ok"]
    assert all(c["ok"] or c["mend"] for c in checks.values())
    assert checks["executor local"]["ok"]
    for name in ("ray", "slurm"):
        assert checks[f"executor {name}"]["ok"] or f"scientist[{name}]" in checks[f"executor {name}"]["mend"]


@pytest.mark.parametrize(
    ("executor", "told"), [("moon", "no executor is called 'moon'"), ("local:here", "takes nothing after its name")]
)
def test_an_executor_that_cannot_be_is_refused_before_anything_is_written(
    tmp_path: Path, executor: str, told: str
) -> None:
    done = run("run", "does weight decay speed up grokking?", "--executor", executor, cwd=tmp_path)
    assert done.returncode == 2 and told in done.stderr
    assert list(tmp_path.iterdir()) == []
