"""Outside programs that change code: they work on a copy, in a box of their own, and only their edit is taken."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from scientist.errors import EnvironmentProblem, ModelUnavailable, UsageError
from scientist.execution.job import LOG_NAME, Job
from scientist.execution.local import LocalExecutor
from scientist.experiments.final_info import is_plain_file
from scientist.experiments.run import log_tail
from scientist.mind.base import CodeRequest
from scientist.mind.llm.coding import task
from scientist.sandbox import Box, Level, Limits, Sandbox
from scientist.search.edit import MOST_CHARS, Edit, EditRefused
from scientist.types import Frozen

TASK = ".task.md"
KEYS = ".keys"
LIMITS = Limits(wall_s=900, cpu_s=1800, memory_mb=8192, file_mb=256, output_mb=16, processes=512)
PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy", "SSL_CERT_FILE")


class Program(Frozen):
    """A program that edits files when told to. ``command`` is for a shell in the folder; ``$0`` is the program.

    ``keys`` are the environment variables that it may see; ``helpers`` other programs that it needs, where they are.
    """

    name: str
    executable: str
    command: str
    keys: tuple[str, ...]
    helpers: tuple[str, ...] = ()
    install: str


PROGRAMS = {
    "claude-code": Program(
        name="claude-code",
        executable="claude",
        command=f'exec "$0" -p --permission-mode acceptEdits --allowedTools Read,Edit,Write,Grep,Glob < {TASK}',
        keys=("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL", "ANTHROPIC_MODEL",
              "CLAUDE_CODE_OAUTH_TOKEN"),
        helpers=("node",),
        install="npm install -g @anthropic-ai/claude-code",
    ),
    "aider": Program(
        name="aider",
        executable="aider",
        command=f'exec "$0" --yes-always --no-git --no-check-update --analytics-disable --message-file {TASK} "$@"',
        keys=("OPENAI_API_KEY", "OPENAI_API_BASE", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "DEEPSEEK_API_KEY",
              "OPENROUTER_API_KEY", "OLLAMA_API_BASE", "AIDER_MODEL"),
        install="pipx install aider-chat",
    ),
}  # fmt: skip


def open_coder(
    name: str, sandbox: Sandbox, *, allow_network: bool, environ: Mapping[str, str] = os.environ
) -> OutsideCoder:
    """The outside program called ``name``. Raises UsageError for an unknown one or without leave to use the network,
    EnvironmentProblem where it is not installed or the sandbox cannot hold it."""
    if name not in PROGRAMS:
        raise UsageError(f"no coder is called {name!r}", f"known: model, {', '.join(PROGRAMS)}")
    program = PROGRAMS[name]
    found = shutil.which(program.executable, path=environ.get("PATH"))
    if found is None:
        raise EnvironmentProblem(
            f"--coder {name}: the program {program.executable!r} is not installed, or not on PATH",
            f"install it ({program.install}), or leave --coder out: then --model-code changes the code",
        )
    if not allow_network:
        raise UsageError(
            f"--coder {name} asks its own model and cannot do so in a box without a network",
            "pass --allow-coder-network: it may then reach any host, but sees of this machine's files only the code "
            "that it changes, the system's programs and its own; the experiments stay without a network",
        )
    keys = {key: environ[key] for key in (*program.keys, *PROXIES) if environ.get(key)}
    helpers = [h for h in (shutil.which(h, path=environ.get("PATH")) for h in program.helpers) if h]
    box = _Networked(sandbox, tuple(dict.fromkeys(f for p in (found, *helpers) for f in program_folders(Path(p)))))
    box.command(("true",), Box(work=tempfile.gettempdir(), limits=LIMITS))  # a level that cannot do it says so now
    folders = [str(Path(os.path.realpath(p)).parent) for p in (found, *helpers)]
    return OutsideCoder(program, os.path.realpath(found), box, keys, folders)


class OutsideCoder:
    """A program that edits a copy of the template's files, in a sandbox with the network and without the home folder.

    It gets the credentials that its ``keys`` name, and no login that lies in a file. Its edit is checked like any
    other: what it did to other files is thrown away.
    """

    def __init__(
        self, program: Program, path: str, sandbox: Sandbox, keys: Mapping[str, str], folders: Sequence[str]
    ) -> None:
        self.name = program.name
        self._program = program
        self._path = path
        self._keys = keys
        self._folders = tuple(folders)
        self._executor = LocalExecutor(sandbox, 1, gpus=())

    def code(self, request: CodeRequest) -> Edit:
        """What the program changed. Raises ModelUnavailable when it fails, EditRefused when it left no text."""
        with tempfile.TemporaryDirectory(prefix="coder-", ignore_cleanup_errors=True) as name:
            work = Path(name)
            self._lay_out(work, request)
            quoted = f'set -a; . ./{KEYS}; set +a; rm -f ./{KEYS}; PATH="$PATH:$CODER_PATH"; {self._program.command}'
            argv = ("/bin/sh", "-c", quoted, self._path, *request.editable)
            job = Job(id=f"coder.{request.idea.id}", argv=argv, folder=str(work), limits=LIMITS)
            outcome = next(iter(self._executor.run([job])))
            if outcome.status != "ok":
                tail = log_tail(work / LOG_NAME)
                raise ModelUnavailable(
                    f"{self.name} failed: {outcome.status}: {outcome.reason}\n{tail}",
                    f"try it by hand ({self._program.executable}); its keys come from the environment "
                    f"({', '.join(self._program.keys)}); then: scientist resume",
                )
            return Edit(why=log_tail(work / LOG_NAME, 5), files=_changed(work, request.editable))

    def _lay_out(self, work: Path, request: CodeRequest) -> None:
        for path, text in {**request.locked, **request.editable}.items():
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            (work / path).write_bytes(text.encode())
        prompt = task(request, "code/agent")
        (work / TASK).write_text(f"{prompt.system}\n{prompt.user}", encoding="utf-8")
        keys = {**self._keys, "CODER_PATH": os.pathsep.join(self._folders)}
        # In a file and not among the arguments, which every user of this machine can list.
        with os.fdopen(os.open(work / KEYS, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as f:
            f.writelines(f"{key}={shlex.quote(value)}\n" for key, value in keys.items())


def program_folders(program: Path) -> tuple[str, ...]:
    """The folders that a program needs to be started: its own, the package's if it is one of npm's or a virtual
    environment's. Raises EnvironmentProblem if one of them holds the home folder."""
    real = Path(os.path.realpath(program))
    folders = [real.parent]
    if "node_modules" in real.parts:
        folders = [Path(*real.parts[: len(real.parts) - real.parts[::-1].index("node_modules")])]
    elif (real.parent.parent / "pyvenv.cfg").is_file():
        folders = [real.parent.parent, Path(os.path.realpath(real.parent / "python")).parent.parent]
    home = Path(os.path.realpath(Path.home()))
    for folder in folders:
        if home.is_relative_to(folder):
            raise EnvironmentProblem(
                f"{program} lies in {folder}, which holds the home folder: the coder could read all of it",
                "install it in a folder of its own",
            )
    return tuple(str(f) for f in folders if not f.is_relative_to("/usr"))


class _Networked:
    """A sandbox whose box has the network and the program's folders."""

    def __init__(self, inner: Sandbox, readonly: tuple[str, ...]) -> None:
        self.level: Level = inner.level
        self._inner = inner
        self._readonly = readonly

    def command(self, argv: Sequence[str], box: Box) -> list[str]:
        return self._inner.command(argv, replace(box, network=True, readonly=self._readonly))


def _changed(work: Path, editable: Mapping[str, str]) -> dict[str, str]:
    files: dict[str, str] = {}
    for path, before in editable.items():
        file = work / path
        if not is_plain_file(file) or file.stat().st_size > 4 * MOST_CHARS:
            raise EditRefused("not_found", f"{path} is gone, too long, or no plain file")
        try:
            after = file.read_bytes().decode()
        except UnicodeDecodeError as e:
            raise EditRefused("syntax", f"{path} is no UTF-8 text any more") from e
        if after != before:
            files[path] = after
    return files
