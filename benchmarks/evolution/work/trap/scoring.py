"""A deceptive landscape: uphill from the start lies a peak of 1; a peak of 2 lies behind a valley of 0.5."""


def judge(x):
    if isinstance(x, bool) or not isinstance(x, (int, float)) or not 0 <= x <= 1:
        raise ValueError("run() returns a number in [0, 1]")
    if x < 0.5:
        return 1 - abs(x - 0.2) / 0.3 * 0.5
    return 0.5 + (x - 0.5) / 0.4 * 1.5 if x < 0.9 else 2 - (x - 0.9) * 5
