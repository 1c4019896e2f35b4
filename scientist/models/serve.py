"""The process behind ``local:<path>``: serves one GGUF file on loopback until the pipe on its stdin breaks.

usage: python -m scientist.models.serve MODEL THREADS CONTEXT
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from typing import Any


def main(path: str, threads: int, context: int) -> None:
    """Print one JSON line, ``{"address", "context"}``, when ready; end with the process that started this one."""
    xllamacpp: Any = import_module("xllamacpp")
    params: Any = xllamacpp.CommonParams()
    params.model.path = path
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = context
    params.n_parallel = 1
    params.verbosity = 0
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    server: Any = xllamacpp.Server(params)
    report = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    report.write(json.dumps({"address": server.listening_address, "context": context}) + "\n")
    report.flush()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
