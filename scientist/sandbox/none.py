"""No sandbox: the command runs with the user's own rights. Limits and a scrubbed environment are all there is."""

from __future__ import annotations

import os
from collections.abc import Sequence

from scientist.sandbox.base import Box, Level, base_environment, launch
from scientist.sandbox.supervise import SCRATCH


class Unconfined:
    """Runs a command without confinement; only for who asked for it by name."""

    level: Level = "none"

    def command(self, argv: Sequence[str], box: Box) -> list[str]:
        work = os.path.realpath(box.work)
        spec = {"work": work, "env": {**base_environment(SCRATCH), **box.env}, "confine": None}
        return launch(argv, box.limits, gpu=box.gpu, spec=spec)
