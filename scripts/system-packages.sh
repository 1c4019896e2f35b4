#!/bin/sh
# Install what the paper needs from the system (TeX, bubblewrap, Poppler, venv) where root or sudo allows it; else say what to install.
set -eu

TEX="texlive-latex-base texlive-latex-recommended texlive-fonts-recommended texlive-pictures texlive-science latexmk lmodern"
missing=""
command -v pdflatex >/dev/null 2>&1 && command -v latexmk >/dev/null 2>&1 && kpsewhich lmodern.sty >/dev/null 2>&1 \
    && kpsewhich siunitx.sty >/dev/null 2>&1 || missing="$missing $TEX"
command -v bwrap >/dev/null 2>&1 || missing="$missing bubblewrap"
command -v pdftoppm >/dev/null 2>&1 || missing="$missing poppler-utils"
python3 -c "import ensurepip, venv" >/dev/null 2>&1 || missing="$missing python3-venv"
[ -z "$missing" ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "missing system packages (Debian names):$missing" >&2
    echo "install them with your package manager, then run make again" >&2
    exit 4
fi
if [ "$(id -u)" = 0 ]; then SUDO=""
elif sudo -n true >/dev/null 2>&1; then SUDO="sudo"
else
    echo "missing system packages; as root, run:" >&2
    echo "  apt-get install --no-install-recommends$missing" >&2
    exit 4
fi
echo "installing system packages:$missing"
$SUDO apt-get update -qq
$SUDO env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
