"""Ray, where it is installed, keeps to itself: no statistics are sent, and no token is left in the home folder."""

from __future__ import annotations

import os

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_AUTH_MODE", "disabled")
