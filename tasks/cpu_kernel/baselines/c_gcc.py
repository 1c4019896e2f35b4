"""Base line: C, compiled with gcc when the program is loaded and called through ctypes."""

import ctypes
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

# EVOLVE-BLOCK-START

SOURCE = r"""
#include <math.h>
/* One point at a time; z is given transposed (d, m), so that the inner loops run over neighbours and become vectors. */
void density(const float *restrict x, const float *restrict zt, float *restrict out, float *restrict row,
             int n, int m, int d) {
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < m; j++) row[j] = 0.0f;
        for (int k = 0; k < d; k++) {
            float a = x[i * d + k];
            const float *b = zt + (long)k * m;
            for (int j = 0; j < m; j++) { float t = a - b[j]; row[j] += t * t; }
        }
        float sum = 0.0f;
        for (int j = 0; j < m; j++) sum += expf(-0.5f * row[j]);
        out[i] = sum / m;
    }
}
"""


def _compiled():
    """The shared object is loaded and its file is gone again before the first call."""
    compiler = shutil.which("gcc")
    if compiler is None:
        raise RuntimeError("this program needs gcc, which was not found")
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder, "k.c"), Path(folder, "k.so")
        source.write_text(SOURCE)
        flags = ["-O3", "-march=native", "-ffast-math", "-shared", "-fPIC"]
        subprocess.run([compiler, *flags, str(source), "-o", str(library), "-lm"], check=True, capture_output=True)
        function = ctypes.CDLL(str(library)).density
    floats = np.ctypeslib.ndpointer(np.float32, flags="C_CONTIGUOUS")
    function.argtypes = [floats, floats, floats, floats, ctypes.c_int, ctypes.c_int, ctypes.c_int]
    function.restype = None
    return function


_density = _compiled()


def density(x, z):
    (n, d), m = x.shape, len(z)
    out, row = np.empty(n, np.float32), np.empty(m, np.float32)
    _density(np.ascontiguousarray(x), np.ascontiguousarray(z.T), out, row, n, m, d)
    return out


# EVOLVE-BLOCK-END


def reference(x, z):
    squares = ((x[:, None, :] - z[None, :, :]) ** 2).sum(axis=2)
    return np.exp(-0.5 * squares).mean(axis=1)


def run(which, x, z):
    return density(x, z) if which == "candidate" else reference(x, z)
