"""No test asks a literature service on the network, nor sees answers that one gave before."""

from __future__ import annotations

import os
import tempfile

os.environ["SCIENTIST_RUN_OFFLINE"] = "1"
os.environ["SCIENTIST_CACHE_DIR"] = tempfile.mkdtemp(prefix="scientist-test-cache-")
