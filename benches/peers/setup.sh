#!/usr/bin/env bash
# Fetches the peers of the solver survey into target/peers: Intel's library (PyPI package mkl) and NumPy
# and SciPy, whose wheels hold an OpenBLAS. Prints what to export. Debian's OpenBLAS is taken as well
# where it is installed (apt-get install libopenblas0-pthread).
#
#     eval "$(benches/peers/setup.sh)"
set -euo pipefail
cd "$(dirname "$0")/../.."

venv=$PWD/target/peers
if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv" >&2
fi
"$venv/bin/pip" install --quiet --disable-pip-version-check mkl numpy scipy >&2

first() {
    for candidate in "$@"; do
        if [ -e "$candidate" ]; then
            printf '%s' "$candidate"
            return
        fi
    done
}
intel=$(first "$venv"/lib/libmkl_rt.so.*)
debian=$(first /usr/lib/*/openblas-pthread/libopenblas.so.0 /usr/lib/*/libopenblas.so.0)
numpy=$(first "$venv"/lib/python3*/site-packages/numpy.libs/libscipy_openblas*.so)

paths=
for library in "$intel" "$debian" "$numpy"; do
    [ -z "$library" ] || paths=${paths:+$paths:}$library
done
[ -n "$intel" ] || echo "setup.sh: no libmkl_rt below $venv/lib (Intel's library exists for x86-64 only)" >&2
printf 'export RMT_LAPACK=%q\n' "$paths"
printf 'export RMT_PYTHON=%q\n' "$venv/bin/python"
