"""Minds decide; stages do. A mind proposes ideas, designs experiments, writes and judges."""

from scientist.registry import Registry

MINDS = Registry("mind", {"offline": "scientist.mind.offline:OfflineMind"})
