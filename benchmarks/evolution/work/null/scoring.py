"""A score that costs nothing: what is measured is the engine."""


def judge(value):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("run() returns a number")
    return 1.0 + value * 1e-6
