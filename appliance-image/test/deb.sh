#!/usr/bin/env bash
# The Debian package in fresh chroots: installs, serves as its user, is upgraded under load without a lost request, keeps what
# was changed by hand, is removed and purged without a trace. As root.
#
#   appliance-image/test/deb.sh [--package FILE] [--mirror URL] [SUITE...]      suites: bookworm trixie
#
# Without --package it is built from what Maven has left (build.sh deb --no-maven).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=lib.sh
source "$here/lib.sh"

package=
mirror=
suites=()
while (($#)); do
    case $1 in
        --package) package=$(realpath "$2") && shift ;;
        --mirror) mirror=$2 && shift ;;
        -*) fail "\"$1\" is no option; see the head of $0" ;;
        *) suites+=("$1") ;;
    esac
    shift
done
((${#suites[@]})) || suites=(bookworm trixie)
need_root
need_commands mmdebstrap:mmdebstrap unshare:util-linux dpkg-deb:dpkg curl:curl ip:iproute2 openssl:openssl
make_work
if [[ -z $package ]]; then
    "$here/../build.sh" deb --no-maven --version 1.0.0 --out "$work/out"
    package=$work/out/penstock_1.0.0_amd64.deb
fi
next_package "$package" "$work/next.deb"

# In the chroot, in a network of its own: a port that is taken here is free there, and whatever is left over ends with it.
inside() {
    local root=$1
    shift
    unshare --net --pid --mount --fork --kill-child -- sh -c 'ip link set lo up; mount -t proc proc "$0/proc"; exec chroot "$0" "$@"' "$root" "$@"
}

for suite in "${suites[@]}"; do
    say "$suite: a chroot"
    root=$work/$suite
    mmdebstrap --quiet --variant=minbase --include=curl "$suite" "$root" ${mirror:+"$mirror"}
    cp "$package" "$root/one.deb"
    cp "$work/next.deb" "$root/two.deb"
    cp "$here/deb-inside.sh" "$root/test.sh"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
        -keyout "$root/own.key" -out "$root/own.pem" 2>/dev/null
    (cd "$root" && find . -xdev -not -path './proc/*' | LC_ALL=C sort) >"$work/$suite.before"
    say "$suite: install, serve, upgrade under load, remove, purge"
    inside "$root" /bin/bash /test.sh
    (cd "$root" && find . -xdev -not -path './proc/*' | LC_ALL=C sort) >"$work/$suite.after"
    # What apt fetched for the package's sake stays; what dpkg and the account tools keep as their own history is theirs.
    left=$(comm -13 "$work/$suite.before" "$work/$suite.after" | grep -i penstock || true)
    [[ -z $left ]] || fail "$suite: the purged package has left $left"
    if grep -q penstock "$root/etc/passwd" "$root/etc/group"; then fail "$suite: its user is left"; fi
    rm -rf "$root"
done
say "passed: ${suites[*]}"
