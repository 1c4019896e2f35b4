"""kill -9 at any stage, then resume: no finished experiment runs again, and the same paper results."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scientist.events import read_lines
from scientist.workspace import run_lock
from tests.e2e.conftest import Command

TOPIC = "does averaging the iterates lower the test error?"
ARGUMENTS = ("--preset", "smoke", "--seeds", "3", "--min-score", "1", "--json")
MOMENTS = {
    "first run": ("run.finished", None),
    "fifth run": ("run.finished", 5),
    "writing": ("stage.started", "write"),
    "publication": ("stage.started", "publish"),
}
if "SCIENTIST_TEST_SLOW" in os.environ:
    MOMENTS |= {"review": ("stage.started", "review")}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, scientist: Command, small_template: Path) -> Path:
    """The run folder of a run that nobody disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    done = scientist("run", TOPIC, "--template", str(small_template), *ARGUMENTS, cwd=folder)
    assert done.returncode == 0, done.stderr
    return Path(json.loads(done.stdout)["folder"])


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_run_resumes_to_the_same_paper(
    moment: str,
    tmp_path: Path,
    scientist: Command,
    environment: dict[str, str],
    small_template: Path,
    undisturbed: Path,
) -> None:
    root = _killed_at(moment, tmp_path, environment, small_template)
    finished = {p: p.stat().st_mtime_ns for p in root.glob("nodes/*/seed_*/run.json")}
    resumed = scientist("resume", "latest", "--json", cwd=tmp_path)
    assert resumed.returncode == 0, resumed.stderr
    assert all(p.stat().st_mtime_ns == t for p, t in finished.items()), "a finished experiment ran again"
    for name in ("manuscript/main.tex", "evidence.json", "plan.json"):
        assert _stable(root / name) == _stable(undisturbed / name)
    assert Path(json.loads(resumed.stdout)["paper"]).stat().st_size > 10_000


def test_the_same_seed_gives_the_same_paper_again(undisturbed: Path, scientist: Command, small_template: Path) -> None:
    """Beside the first run, whose ideas and answers are there to be found."""
    again = scientist("run", TOPIC, "--template", str(small_template), *ARGUMENTS, cwd=undisturbed.parents[1])
    assert again.returncode == 0, again.stderr
    other = Path(json.loads(again.stdout)["folder"])
    assert other != undisturbed
    assert (other / "manuscript" / "main.tex").read_bytes() == (undisturbed / "manuscript" / "main.tex").read_bytes()


def test_a_second_process_is_refused(tmp_path: Path, scientist: Command, undisturbed: Path) -> None:
    with run_lock(undisturbed):
        second = scientist("resume", str(undisturbed), cwd=tmp_path)
    assert second.returncode == 6
    assert "another process" in second.stderr


def test_missing_tex_is_said_at_the_start_and_can_be_mended(
    tmp_path: Path, scientist: Command, small_template: Path
) -> None:
    arguments = ("run", TOPIC, "--template", str(small_template), *ARGUMENTS)
    broken = scientist(*arguments, cwd=tmp_path, env={"PATH": str(_tools_without_tex(tmp_path))})
    assert broken.returncode == 4, broken.stderr
    assert "texlive-latex-base" in broken.stderr
    mended = scientist("resume", "latest", "--json", cwd=tmp_path)
    assert mended.returncode == 0, mended.stderr


def test_a_full_disk_stops_the_run_and_it_can_be_resumed(
    tmp_path: Path, scientist: Command, small_template: Path
) -> None:
    small = tmp_path / "small-disk"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=260k", "tmpfs", str(small)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small disk needs root")
    try:
        arguments = ("run", TOPIC, "--template", str(small_template), "--experiments-dir", str(small), *ARGUMENTS)
        full = scientist(*arguments, cwd=tmp_path)
        assert full.returncode == 5, full.stderr
        assert "Traceback" not in full.stderr
        assert "make room" in full.stderr
        subprocess.run(["mount", "-o", "remount,size=64m", str(small)], check=True)
        done = scientist("resume", "latest", "--experiments-dir", str(small), "--json", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    finally:
        subprocess.run(["umount", str(small)], check=True)


def _killed_at(moment: str, folder: Path, environment: dict[str, str], template: Path) -> Path:
    """Start a run, kill it at the moment, and return its folder."""
    command = [sys.executable, "-m", "scientist.cli.main", "run", TOPIC, "--template", str(template), *ARGUMENTS]
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        roots = list((folder / "experiments").glob("*/events.jsonl"))
        if roots and _reached(moment, roots[0]):
            break
        time.sleep(0.01)
    assert process.poll() is None, "the run ended before it could be killed"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    return next((folder / "experiments").iterdir())


def _reached(moment: str, events: Path) -> bool:
    kind, detail = MOMENTS[moment]
    seen = [e for e in read_lines(events) if e["kind"] == kind]
    if isinstance(detail, int):
        return len(seen) >= detail
    return any(detail is None or e.get("stage") == detail for e in seen)


def _stable(path: Path) -> object:
    """A file's content without measured times, which two runs need not share."""
    if path.suffix != ".json":
        return path.read_bytes()
    value = json.loads(path.read_text())
    if "quantities" in value:
        value["quantities"] = [q for q in value["quantities"] if not q["volatile"]]
    return value


def _tools_without_tex(folder: Path) -> Path:
    """A folder with links to what a run needs besides TeX."""
    tools = folder / "tools"
    tools.mkdir()
    for name in ("bwrap", "env", "sh", "true", "uname"):
        for place in ("/usr/bin", "/bin"):
            if (Path(place) / name).exists():
                (tools / name).symlink_to(Path(place) / name)
                break
    return tools
