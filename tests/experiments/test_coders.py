"""Outside coders, played by a script on PATH, in the real box where this machine has bubblewrap."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from slotted import EXPERIMENT, IDEA, Player, write_slotted
from tiny_template import executor, run_folder

from scientist.errors import EnvironmentProblem, ModelUnavailable, UsageError
from scientist.events import EventLog
from scientist.experiments.change import ChangeRefused, make_change
from scientist.experiments.coders import OutsideCoder, open_coder, program_folders
from scientist.experiments.study import study_spec
from scientist.mind.base import CodeRequest
from scientist.sandbox import SANDBOXES, Box, Limits, Sandbox, choose
from scientist.search.edit import EditRefused

WORK = """
import os, pathlib, sys
given = sys.stdin if "-p" in sys.argv else open(sys.argv[sys.argv.index("--message-file") + 1])
task = given.read()
assert "Multiply the level by two." in task and "You work in the current folder" in task
code = pathlib.Path("experiment.py")
"""
DOUBLE = (
    WORK
    + """
assert os.environ["ANTHROPIC_API_KEY"] == "it's a key" and "SECRET" not in os.environ
assert not pathlib.Path(".keys").exists()
code.write_text(code.read_text().replace("return level", "return 2 * level"))
pathlib.Path("harness.py").write_text("score = max")
pathlib.Path("new.py").write_text("x = 1")
print("The gain is doubled.")
"""
)
ENVIRON = {"ANTHROPIC_API_KEY": "it's a key", "SECRET": "s"}


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    try:
        return choose(allow_unsandboxed=False, only="bubblewrap")
    except EnvironmentProblem as e:
        pytest.skip(f"bubblewrap does not work here: {e.message}")


def program(folder: Path, text: str, name: str = "claude") -> dict[str, str]:
    """An environment in which the program ``name`` does what ``text`` says."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!{sys.executable}\n{text}")
    (folder / name).chmod(0o755)
    return {**ENVIRON, "PATH": str(folder)}


def asked(tmp_path: Path) -> CodeRequest:
    spec = study_spec(write_slotted(tmp_path / "slotted"), IDEA)
    return CodeRequest(
        idea=IDEA, template=spec, editable={"experiment.py": EXPERIMENT}, locked={"harness.py": "score = min\n"}
    )


def opened(tmp_path: Path, text: str, sandbox: Sandbox, name: str = "claude-code") -> OutsideCoder:
    executable = {"claude-code": "claude", "aider": "aider"}[name]
    return open_coder(name, sandbox, allow_network=True, environ=program(tmp_path / "bin", text, executable))


@pytest.mark.parametrize("name", ["claude-code", "aider"])
def test_its_edit_of_the_editable_files_is_taken_and_nothing_else(tmp_path: Path, sandbox: Sandbox, name: str) -> None:
    edit = opened(tmp_path, DOUBLE, sandbox, name).code(asked(tmp_path))
    assert edit.files == {"experiment.py": EXPERIMENT.replace("return level", "return 2 * level")}
    assert edit.why == "The gain is doubled."


def test_its_change_goes_through_the_same_checks_and_trial(tmp_path: Path, sandbox: Sandbox) -> None:
    spec, folder = write_slotted(tmp_path / "slotted"), run_folder(tmp_path)
    coder = opened(tmp_path, DOUBLE, sandbox)
    made = make_change(
        idea=IDEA, spec=spec, coder=coder, executor=executor(1), folder=folder, events=EventLog(folder.events)
    )
    assert made.coder == "claude-code" and made.trial == {"one": {"score": (1.0, 2.0)}} and made.added == 1
    assert make_change(
        idea=IDEA, spec=spec, coder=Player(), executor=executor(1), folder=folder, events=EventLog(folder.events)
    ) == made  # fmt: skip


def test_a_locked_part_that_it_changed_is_refused_like_anybodys(tmp_path: Path, sandbox: Sandbox) -> None:
    spec, folder = write_slotted(tmp_path / "slotted"), run_folder(tmp_path)
    text = WORK + 'code.write_text(code.read_text().replace("score(gain", "9 * score(gain") + chr(35) * len(task))\n'
    with pytest.raises(ChangeRefused, match=r"the edit was refused: the edit changes a locked part of experiment\.py"):
        make_change(idea=IDEA, spec=spec, coder=opened(tmp_path, text, sandbox), executor=executor(1), folder=folder,
                    events=EventLog(folder.events))  # fmt: skip


def test_it_sees_no_other_file_of_this_machine(tmp_path: Path, sandbox: Sandbox) -> None:
    (tmp_path / "secret").write_text("s")
    look = (
        WORK
        + f"""
for path in {str(tmp_path / "secret")!r}, "/etc/passwd", {str(Path(__file__))!r}:
    assert not os.path.exists(path), path
code.write_text("x = 1")
"""
    )
    assert opened(tmp_path, look, sandbox).code(asked(tmp_path)).files == {"experiment.py": "x = 1"}


@pytest.mark.parametrize(
    ("text", "told"), [("code.unlink()", "is gone"), ("code.write_bytes(bytes([255]))", "no UTF-8 text"),
                       ('code.unlink(); code.symlink_to("/etc/hosts")', "no plain file")],
)  # fmt: skip
def test_what_is_no_text_is_refused(tmp_path: Path, sandbox: Sandbox, text: str, told: str) -> None:
    with pytest.raises(EditRefused, match=told):
        opened(tmp_path, WORK + text, sandbox).code(asked(tmp_path))


def test_a_coder_that_fails_stops_the_run_resumably(tmp_path: Path, sandbox: Sandbox) -> None:
    with pytest.raises(ModelUnavailable, match=r"claude-code failed: crashed: (.|\n)*no login") as e:
        opened(tmp_path, 'import sys\nsys.exit("no login")', sandbox).code(asked(tmp_path))
    assert e.value.exit_code == 5 and "ANTHROPIC_API_KEY" in e.value.hint and "scientist resume" in e.value.hint


def test_without_the_program_or_leave_for_the_network_it_says_so(tmp_path: Path) -> None:
    none = SANDBOXES.load("none")()
    with pytest.raises(EnvironmentProblem, match="'aider' is not installed") as e:
        open_coder("aider", none, allow_network=True, environ={"PATH": str(tmp_path)})
    assert "pipx install aider-chat" in e.value.hint
    with pytest.raises(UsageError, match="in a box without a network") as u:
        open_coder("claude-code", none, allow_network=False, environ=program(tmp_path / "bin", ""))
    assert "--allow-coder-network" in u.value.hint
    with pytest.raises(UsageError, match="no coder is called 'devin'"):
        open_coder("devin", none, allow_network=True, environ={})


def test_a_program_beside_the_home_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    program(tmp_path, "")
    with pytest.raises(EnvironmentProblem, match="which holds the home folder"):
        program_folders(tmp_path / "claude")


def test_the_folders_of_npm_packages_and_virtual_environments_are_found(tmp_path: Path) -> None:
    npm = tmp_path / "lib/node_modules/@a/code"
    npm.parent.mkdir(parents=True)
    program(npm, "", "cli.js")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/claude").symlink_to(npm / "cli.js")
    assert program_folders(tmp_path / "bin/claude") == (str(tmp_path / "lib/node_modules"),)
    (tmp_path / "venv/bin").mkdir(parents=True)
    program(tmp_path / "venv/bin", "", "aider")
    (tmp_path / "venv/pyvenv.cfg").write_text("home = /usr/bin\n")
    (tmp_path / "venv/bin/python").symlink_to("/usr/bin/env")
    assert program_folders(tmp_path / "venv/bin/aider") == (str(tmp_path / "venv"),)


# ------------------------------------------------------------------------------------------- the network


@pytest.fixture
def host() -> Iterator[int]:
    """The port of a server on this machine that takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=lambda: [server.accept()[0].close() for _ in range(2)], daemon=True).start()
        yield server.getsockname()[1]


@pytest.mark.parametrize("network", [True, False])
def test_only_a_box_with_the_network_reaches_a_host(tmp_path: Path, sandbox: Sandbox, host: int, network: bool) -> None:
    import subprocess

    limits = Limits(wall_s=20, cpu_s=20, memory_mb=256, file_mb=8, output_mb=1, processes=32)
    code = f"import socket; socket.create_connection(('127.0.0.1', {host}), timeout=5)"
    command = sandbox.command((sys.executable, "-c", code), Box(work=str(tmp_path), limits=limits, network=network))
    done = subprocess.run(command, env={}, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode == 0) == network, done.stderr


def test_landlock_refuses_to_give_the_network(tmp_path: Path) -> None:
    try:
        landlock = SANDBOXES.load("landlock")()
    except EnvironmentProblem as e:
        pytest.skip(e.message)
    limits = Limits(wall_s=20, cpu_s=20, memory_mb=256, file_mb=8, output_mb=1, processes=32)
    with pytest.raises(EnvironmentProblem, match="gives no program the network"):
        landlock.command(("true",), Box(work=str(tmp_path), limits=limits, network=True))
