# Sourced by run and test: a virtual environment beside the project, from a lock file.
# Needs only a POSIX sh and Python 3.11 or newer. Sets $root and $python.

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
venv=$root/.venv
python=$venv/bin/python

say() {
    printf '%s\n' "$*" >&2
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:+"$PYTHON"} \
        python3 python3.14 python3.13 python3.12 python3.11; do
        if is_new_enough "$candidate"; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    say "terminal-ai needs Python 3.11 or newer; python3 here is:" \
        "$(python3 --version 2>&1 || true)"
    say "  install a newer one, or name it: PYTHON=/path/to/python3 $0"
    exit 2
}

make_venv() {
    base=$(find_python) || exit 2
    if ! "$base" -c 'import ensurepip, venv' 2>/dev/null; then
        say "terminal-ai cannot make a virtual environment: $base lacks venv or ensurepip"
        say "  on Debian and Ubuntu: sudo apt install python3-venv"
        exit 2
    fi
    # Only an environment that these scripts made, and that no longer works, is emptied.
    if [ -f "$venv/made-by-scripts" ]; then
        rm -f "$venv"/*.stamp
        "$base" -m venv --clear "$venv" || exit 2
    else
        "$base" -m venv "$venv" || exit 2
    fi
    : >"$venv/made-by-scripts"
}

# prepare LOCK: everything the lock file names is installed, and the project itself.
prepare() {
    lock=$root/requirements/$1.lock
    stamp=$venv/$1.stamp
    wanted=$(printf '%s\n' "$root" && cat "$lock" "$root/pyproject.toml" | cksum)
    if [ -x "$python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        return
    fi
    say "terminal-ai: setting up $venv (only when its requirements change) ..."
    if ! is_new_enough "$python" || ! is_at_home; then
        make_venv
    fi
    rm -f "$stamp"
    if ! install --require-hashes --requirement "$lock" ||
        ! install --no-build-isolation --editable "$root"; then
        say "terminal-ai: the requirements could not be installed (see above)"
        say "  check the network connection and start again"
        exit 2
    fi
    printf '%s\n' "$wanted" >"$stamp"
}

# A moved environment still runs, but its scripts point to the old place.
is_at_home() {
    for each in "$venv"/*.stamp; do
        if [ -f "$each" ] && [ "$(head -n 1 "$each")" != "$root" ]; then
            return 1
        fi
    done
}

install() {
    "$python" -m pip --disable-pip-version-check --quiet install --no-deps "$@" >&2
}
