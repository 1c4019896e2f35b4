"""What a run was made with: Python, packages, machine; how it differs from what is here, and a venv of its versions."""

from __future__ import annotations

import ast
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from scientist import __version__
from scientist.errors import BundleError, EnvironmentProblem
from scientist.types import Frozen

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "CUBLAS_WORKSPACE_CONFIG", "PYTHONHASHSEED")
"""Variables that may change what is computed; no other is recorded."""

PIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?==[A-Za-z0-9.!_-]+")
INSTALL_S = 1800.0
GPU_QUERY_S = 20.0


class Environment(Frozen):
    """The software and the machine of a run; ``packages`` are those that it needs, each with its version.

    ``memory_gb`` is None where it cannot be read; ``gpus`` are names with driver versions.
    """

    scientist: str
    python: str
    implementation: str
    os: str
    machine: str
    cpu: str
    cores: int
    memory_gb: float | None
    gpus: tuple[str, ...]
    packages: dict[str, str]
    variables: dict[str, str]


class Difference(Frozen):
    """Something that was otherwise when the paper was made; "" for what is absent."""

    what: str
    published: str
    here: str


def record_environment(modules: Iterable[str] = ()) -> Environment:
    """The environment of this process, with the packages that ``scientist`` and the imported ``modules`` need."""
    return Environment(
        scientist=__version__,
        python=platform.python_version(),
        implementation=platform.python_implementation(),
        os=platform.platform(),
        machine=platform.machine(),
        cpu=_cpu(),
        cores=os.cpu_count() or 1,
        memory_gb=_memory_gb(),
        gpus=tuple(_gpus()),
        packages=_needed_packages(modules),
        variables={name: os.environ[name] for name in THREADS if name in os.environ},
    )


def environment_here(published: Environment) -> Environment:
    """The environment of this process, with the versions here of the packages that the published run needed."""
    versions = {name: _installed(name) for name in published.packages}
    return record_environment().model_copy(update={"packages": {n: v for n, v in versions.items() if v}})


def imported_modules(sources: Iterable[str]) -> set[str]:
    """The top-level modules that Python sources import; a source that is no Python imports nothing."""
    found: set[str] = set()
    for source in sources:
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found


def requirements(environment: Environment) -> str:
    """``requirements.txt`` with every version pinned; a local label such as ``+cpu`` is on no index and left out."""
    lines = [f"{name}=={version.partition('+')[0]}" for name, version in environment.packages.items()]
    return "\n".join([f"# Python {environment.python}, {environment.os}", *lines]) + "\n"


def differences(published: Environment, here: Environment) -> tuple[Difference, ...]:
    """What is otherwise here: the machine first, then the packages of the published run."""
    fields = ("scientist", "python", "implementation", "os", "machine", "cpu", "gpus")
    pairs = [(name, _text(getattr(published, name)), _text(getattr(here, name))) for name in fields]
    pairs += [(name, version, here.packages.get(name, "")) for name, version in published.packages.items()]
    names = sorted({*published.variables, *here.variables})
    pairs += [(name, published.variables.get(name, ""), here.variables.get(name, "")) for name in names]
    return tuple(Difference(what=w, published=a, here=b) for w, a, b in pairs if a != b)


def fresh_python(folder: Path, pins: str) -> Path:
    """The Python of a new venv in ``folder`` with the versions ``pins`` and this copy of ``scientist``.

    A venv that an earlier call finished is used again. Raises EnvironmentProblem when it cannot be made, BundleError
    for pins that are anything but names and versions.
    """
    odd = [line for line in pins.splitlines() if line and not line.startswith("#") and not PIN.fullmatch(line)]
    if odd:
        raise BundleError(f"requirements.txt holds {odd[0]!r}, which is no pinned version", "nothing was installed")
    python, done = folder / "bin" / "python", folder / "requirements.txt"
    if done.is_file() and done.read_text(encoding="utf-8") == pins:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    _call([sys.executable, "-m", "venv", str(folder)], "a virtual environment cannot be made")
    wanted = folder / "wanted.txt"
    wanted.write_text(pins, encoding="utf-8")
    _call(
        [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-r", str(wanted)],
        "the recorded versions cannot be installed",
    )
    own = Path(__file__).parents[1]
    packages = next((folder / "lib").glob("python*/site-packages"))
    shutil.copytree(own, packages / "scientist", ignore=shutil.ignore_patterns("__pycache__"))
    wanted.rename(done)
    return python


def _call(command: list[str], problem: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as e:
        raise EnvironmentProblem(f"{problem}: {e}", "run it without --fresh-env, on the packages that are here") from e
    if done.returncode != 0:
        said = "\n".join((done.stderr or done.stdout).strip().splitlines()[-5:])
        raise EnvironmentProblem(f"{problem}:\n{said}", "run it without --fresh-env, on the packages that are here")


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _needed_packages(modules: Iterable[str]) -> dict[str, str]:
    """Installed versions of what ``scientist`` and ``modules`` require, directly or not; extras are left out."""
    owners = metadata.packages_distributions()
    waiting = ["scientist", *(name for module in modules for name in owners.get(module, ()))]
    found: dict[str, str] = {}
    seen: set[str] = set()
    while waiting:
        name = _normal(waiting.pop())
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:  # required on other systems only
            continue
        if name != "scientist":
            found[name] = distribution.version
        waiting += [r for line in distribution.requires or () if (r := _required(line))]
    return dict(sorted(found.items()))


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _required(line: str) -> str:
    """The name in a line of ``Requires-Dist``; "" for what only an extra needs."""
    if re.search(r"\bextra\s*==", line):
        return ""
    match = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", line)
    return match.group() if match else ""


def _cpu() -> str:
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory_gb() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (ValueError, OSError, AttributeError):
        return None


def _gpus() -> Iterator[str]:
    program = shutil.which("nvidia-smi")
    if program is None:
        return
    query = [program, "--query-gpu=name,driver_version", "--format=csv,noheader"]
    try:
        listing = subprocess.run(query, capture_output=True, text=True, timeout=GPU_QUERY_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return
    if listing.returncode == 0:
        yield from (line.strip() for line in listing.stdout.splitlines() if line.strip())
