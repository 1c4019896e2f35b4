"""Work for the workers of the tests: functions of a module, so that another process can import them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable


def work(task: str, emit: Callable[..., None]) -> str:
    """What each task is named after: done in capitals, told, raised, ended with its process, or never ended."""
    if task == "tell":
        emit("model.called", label="one")
        emit("model.called", label="two")
    elif task == "raise":
        raise ValueError("what it was")
    elif task == "exit":
        os._exit(7)
    elif task == "hang":
        time.sleep(600)
    elif task == "memory":
        return str(len(bytearray(8 << 30)))
    return task.upper()
