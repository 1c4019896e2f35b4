# EVOLVE-BLOCK-START
X = 0
# EVOLVE-BLOCK-END


def run():
    return float(X)
