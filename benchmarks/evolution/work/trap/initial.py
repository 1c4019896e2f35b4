# EVOLVE-BLOCK-START
VEC = [0.3]
# EVOLVE-BLOCK-END


def run():
    return VEC[0]
