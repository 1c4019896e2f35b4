"""Every level keeps its promises, and the canary notices when one does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from scientist.errors import EnvironmentProblem, UsageError
from scientist.sandbox import SANDBOXES, Box, CanaryReport, Limits, Sandbox, canary, choose, choose_proved
from scientist.sandbox.base import Level
from scientist.sandbox.bubblewrap import Bubblewrap, python_folders

LIMITS = Limits(wall_s=20, cpu_s=20, memory_mb=256, file_mb=8, output_mb=1, processes=16)
CONFINING = [name for name in SANDBOXES.names() if name != "none"]


def sandbox(name: str) -> Sandbox:
    try:
        made: Sandbox = SANDBOXES.load(name)()
    except EnvironmentProblem as e:
        pytest.skip(f"{name} does not work here: {e.message}")
    return made


def run(command: Sequence[str], **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize("name", SANDBOXES.names())
def test_a_command_runs_in_its_folder_with_only_the_given_environment(name: str, tmp_path: Path) -> None:
    code = "import os, json; open('left', 'w').write(json.dumps(dict(os.environ)))"
    box = Box(work=str(tmp_path), limits=LIMITS, env={"GIVEN": "yes"})
    done = run(sandbox(name).command(["python", "-c", code], box), SECRET_KEY="hunter2")
    assert done.returncode == 0, done.stderr
    seen = json.loads((tmp_path / "left").read_text())
    assert seen.pop("GIVEN") == "yes"
    assert set(seen) <= {
        "PATH", "LANG", "USER", "HOME", "TMPDIR", "MPLCONFIGDIR", "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE",
        "PYTHONUNBUFFERED", "PYTHONNOUSERSITE", "CUBLAS_WORKSPACE_CONFIG", "PWD", "LC_CTYPE",
    }  # fmt: skip
    assert str(Path.home()) not in (seen["HOME"], seen["TMPDIR"])


@pytest.mark.parametrize("name", SANDBOXES.names())
@pytest.mark.parametrize(("ending", "status"), [("os._exit(7)", 7), ("os.kill(os.getpid(), 11)", 139)])
def test_the_exit_status_comes_through(name: str, ending: str, status: int, tmp_path: Path) -> None:
    command = sandbox(name).command(["python", "-c", f"import os; {ending}"], Box(work=str(tmp_path), limits=LIMITS))
    assert run(command).returncode == status


@pytest.mark.parametrize("name", SANDBOXES.names())
def test_this_python_and_its_packages_are_there_and_scratch_space_leaves_nothing(name: str, tmp_path: Path) -> None:
    code = "import tempfile, numpy; print(numpy.ones(2).sum()); tempfile.NamedTemporaryFile(delete=False).write(b'x')"
    done = run(sandbox(name).command([sys.executable, "-c", code], Box(work=str(tmp_path), limits=LIMITS)))
    assert (done.returncode, done.stdout.strip()) == (0, "2.0"), done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", CONFINING)
def test_the_canary_holds(name: str) -> None:
    report = canary(sandbox(name))
    assert report.holds, report.why_not()
    assert {c.name for c in report.checks if c.required} == {
        "write_inside", "write_outside", "read_home", "connect", "environment", "settings",
    }  # fmt: skip


def test_without_a_sandbox_the_canary_sees_every_attack_succeed() -> None:
    report = canary(sandbox("none"))
    assert not report.holds
    assert {"write_outside", "read_home", "connect", "environment", "signal", "names"} <= set(report.unproved)


class Weakened:
    """Bubblewrap without some of its flags, or with more."""

    level: Level = "bubblewrap"

    def __init__(self, inner: Bubblewrap, drop: Sequence[str] = (), add: Sequence[str] = ()) -> None:
        self.inner, self.drop, self.add = inner, list(drop), list(add)

    def command(self, argv: Sequence[str], box: Box) -> list[str]:
        flags = self.inner.command(argv, box)
        for i in range(len(flags)):
            if self.drop and flags[i : i + len(self.drop)] == self.drop:
                del flags[i : i + len(self.drop)]
                break
        end = flags.index("--")
        return [*flags[:end], *self.add, *flags[end:]]


def weakened(drop: Sequence[str] = (), add: Sequence[str] = ()) -> CanaryReport:
    inner = sandbox("bubblewrap")
    assert isinstance(inner, Bubblewrap)
    return canary(Weakened(inner, drop, add))


def test_the_canary_notices_a_shared_network() -> None:
    assert weakened(add=["--share-net"]).unproved == ("connect",)


def test_the_canary_notices_a_readable_home() -> None:
    report = weakened(add=["--ro-bind", str(Path.home()), str(Path.home())])
    assert set(report.unproved) == {"read_home", "names"}
    assert not report.holds


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's user number may write machine-wide settings")
def test_the_canary_notices_that_root_could_write_machine_wide_settings() -> None:
    assert weakened(drop=["--remount-ro", "/proc"]).unproved == ("settings",)


def test_a_sandbox_that_cannot_start_does_not_hold() -> None:
    report = weakened(add=["--ro-bind", "/does/not/exist", "/x"])
    assert not report.holds
    assert "/does/not/exist" in report.why_not()


def test_nothing_but_the_work_folder_and_scratch_space_can_be_written(tmp_path: Path) -> None:
    code = """
import os
for folder, below, _ in os.walk("/"):
    if folder.count("/") > 3:
        below.clear()
    if not folder.startswith(("/proc/", "/job", "/tmp", "/dev/shm")):
        try:
            open(folder + "/planted", "w").close()
            print(folder)
        except OSError:
            pass
"""
    box = Box(work=str(tmp_path), limits=LIMITS)
    bare = sandbox("bubblewrap").command(["python", "-c", code], box)
    done = run(bare)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", CONFINING)
def test_further_readable_folders_are_readable_and_no_more(name: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    work = tmp_path / "work"
    data.mkdir()
    work.mkdir()
    (data / "table.csv").write_text("1,2")
    box = Box(work=str(work), limits=LIMITS, readonly=(str(data),))
    code = f"print(open({str(data / 'table.csv')!r}).read()); open({str(data / 'new')!r}, 'w')"
    done = run(sandbox(name).command(["python", "-c", code], box))
    assert done.stdout.strip() == "1,2"
    assert "Error" in done.stderr
    assert not (data / "new").exists()


def test_levels_are_chosen_strongest_first_and_none_only_with_permission() -> None:
    chosen, report = choose_proved(allow_unsandboxed=True)
    assert chosen.level == report.level
    assert choose(allow_unsandboxed=True, only="none").level == "none"
    with pytest.raises(EnvironmentProblem, match="without permission") as caught:
        choose(allow_unsandboxed=False, only="none")
    assert "--allow-unsandboxed" in caught.value.hint
    with pytest.raises(UsageError, match="known: bubblewrap, landlock, none"):
        choose(allow_unsandboxed=True, only="firejail")


def test_a_python_that_is_installed_around_the_home_folder_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "home" / "user"
    venv = home / "project" / ".venv"
    venv.mkdir(parents=True)
    assert python_folders([str(venv)], home) == [str(venv)]
    for prefix in (home, home.parent, Path("/")):
        with pytest.raises(EnvironmentProblem, match="holds the home folder"):
            python_folders([str(prefix)], home)


def test_of_nested_and_linked_prefixes_the_outermost_are_bound(tmp_path: Path) -> None:
    base = tmp_path / "python"
    (base / "envs" / "a").mkdir(parents=True)
    link = tmp_path / "current"
    link.symlink_to(base)
    assert python_folders(["/usr", "/usr/local", str(base / "envs" / "a"), str(link)], tmp_path / "home") == [
        str(base),
        str(link),
    ]
