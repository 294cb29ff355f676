# What the tests of packages and images have in common.

say() {
    printf '%(%H:%M:%S)T %s\n' -1 "$*"
}

fail() {
    printf '%s: FAILED: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

need_root() {
    ((EUID == 0)) || fail "this makes chroots and devices: run it as root"
}

# Command and the Debian package that has it, each; all that is missing is said at once.
need_commands() {
    local need
    local -a missing=()
    for need in "$@"; do
        command -v "${need%%:*}" >/dev/null || missing+=("${need#*:}")
    done
    ((${#missing[@]} == 0)) || fail "missing: ${missing[*]}. Install: apt-get install ${missing[*]}"
}

# A folder of this run; gone at its end unless KEEP is set.
make_work() {
    work=$(mktemp -d "${TMPDIR:-/var/tmp}/penstock-test.XXXXXX")
    if [[ -n ${KEEP:-} ]]; then
        say "kept: $work"
    else
        trap 'rm -rf "$work"' EXIT
    fi
}

# The same package as the version after it.
next_package() {
    local package=$1 next=$2 folder=$work/next
    dpkg-deb --raw-extract "$package" "$folder"
    sed -i 's/^Version: .*/&+next/' "$folder/DEBIAN/control"
    sed -i 's/$/+next/' "$folder/usr/lib/penstock/VERSION"
    # As packages of two versions do it: some files change, and some go.
    mv "$folder/usr/lib/penstock/compiler.directives" "$folder/usr/lib/penstock/compiler.directives.next"
    cp "$folder/usr/lib/penstock/compiler.directives.next" "$folder/usr/lib/penstock/compiler.directives"
    dpkg-deb --root-owner-group -Znone --build "$folder" "$next" >/dev/null
    rm -rf "$folder"
}
