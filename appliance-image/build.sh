#!/usr/bin/env bash
# Makes what is installed, from a clean checkout:
#
#   appliance-image/build.sh TARGET... [--version V] [--out DIR]
#
#   dist   penstock-V-linux-x86_64.tar.gz: a Java runtime of its own, the jars and the native libraries. It runs from any
#          folder; nothing is unpacked at run time.
#   deb    penstock_V_amd64.deb: the same as a service, for Debian 12, 13 and what descends from them
#   oci    penstock-V.oci.tar: a container image in the OCI layout, without a shell, for a user other than root
#   chart  penstock-V.tgz: a Helm chart that runs the container image in Kubernetes
#   image  penstock-V.qcow2, penstock-V.raw.zst: a disk that boots, by BIOS and by UEFI with Secure Boot (as root)
#   ova    penstock-V.ova: the same disk for VMware and VirtualBox (as root)
#   iso    penstock-V.iso: an installer for machines, on CD or USB stick (as root)
#   update penstock-V.raucb: what upgrades a running appliance (as root)
#   all    all of these
#
#   --version V      what the product says of itself (default: the version in pom.xml)
#   --out DIR        where the results go (default: appliance-image/target/dist); made if need be
#   --no-maven       pack what "mvn -DskipTests package" has left in appliance-image/target
#   --with-caches    dist with trained caches of loaded classes: it starts a second sooner, is three times as large, and
#                    no two builds are the same
#   --sign-key FILE  sign SHA256SUMS with this Ed25519 key in PEM
#
# For image, ova, iso and update:
#   --bundle-keyring FILE                  certificates in PEM whose bundles the appliance takes for upgrades: the one in use and
#                                          a spare one, for who has lost the key has to install anew
#   --bundle-cert FILE --bundle-key FILE   who signs the bundle of update
#   --mirror URL --security-mirror URL     Debian's archive, also for oci (default: what mmdebstrap takes by itself; for the second
#                                          one the first with -security behind it)
#   --base FILE                            a tar of the Debian base that was made before, in place of fetching it
#
# dist, deb, chart and (of the same state of Debian's archive) oci: the same sources and the same JDK give the same files to the last bit; the time in them is SOURCE_DATE_EPOCH,
# by default that of pom.xml.
set -euo pipefail
umask 022

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
source_folder=$(dirname "$here")

usage() {
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
}

fail() {
    printf 'build.sh: %s\n' "$*" >&2
    exit 1
}

targets=()
version=
out=$here/target/dist
runs_maven=true
with_caches=false
sign_key=
bundle_keyring=
bundle_cert=
bundle_key=
mirror=
security_mirror=
base_tar=
while (($#)); do
    case $1 in
        -h | --help) usage && exit 0 ;;
        --version | --out | --sign-key | --bundle-* | --mirror | --security-mirror | --base)
            (($# > 1)) || fail "$1 needs a value; see --help"
            case $1 in
                --version) version=$2 ;;
                --out) out=$2 ;;
                --sign-key) sign_key=$2 ;;
                --bundle-keyring) bundle_keyring=$2 ;;
                --bundle-cert) bundle_cert=$2 ;;
                --bundle-key) bundle_key=$2 ;;
                --mirror) mirror=$2 ;;
                --security-mirror) security_mirror=$2 ;;
                --base) base_tar=$2 ;;
                *) fail "\"$1\" is not an option; see --help" ;;
            esac
            shift
            ;;
        --no-maven) runs_maven=false ;;
        --with-caches) with_caches=true ;;
        all) targets+=(dist deb oci chart image ova iso update) ;;
        dist | deb | oci | chart | image | ova | iso | update) targets+=("$1") ;;
        *) fail "\"$1\" is not something to make or an option; see --help" ;;
    esac
    shift
done
((${#targets[@]})) || { usage >&2 && exit 2; }
if [[ -z $version ]]; then
    version=$(sed -n 's:.*<version>\(.*\)</version>.*:\1:p' "$source_folder/pom.xml" | head -n 1)
fi
[[ $version =~ ^[0-9][0-9A-Za-z.+~-]{0,63}$ ]] ||
    fail "--version \"$version\" is no version: a digit first, then letters, digits and . + ~ - only, at most 64"
[[ $(uname -s)-$(uname -m) == Linux-x86_64 ]] || fail "this makes Linux x86_64 and runs there only; this is $(uname -sm)"
if [[ -z ${SOURCE_DATE_EPOCH:-} ]]; then
    SOURCE_DATE_EPOCH=$(date -d "$(sed -n 's:.*<project.build.outputTimestamp>\(.*\)</.*:\1:p' "$source_folder/pom.xml")" +%s)
fi
export SOURCE_DATE_EPOCH

# shellcheck source=pack/needs.sh
source "$here/pack/needs.sh"
# shellcheck source=pack/jdk.sh
source "$here/pack/jdk.sh"
# shellcheck source=pack/sums.sh
source "$here/pack/sums.sh"
# shellcheck source=pack/dist.sh
source "$here/pack/dist.sh"
# shellcheck source=pack/deb.sh
source "$here/pack/deb.sh"
# shellcheck source=pack/oci.sh
source "$here/pack/oci.sh"
# shellcheck source=pack/chart.sh
source "$here/pack/chart.sh"
# shellcheck source=pack/rootfs.sh
source "$here/pack/rootfs.sh"
# shellcheck source=pack/disk.sh
source "$here/pack/disk.sh"
# shellcheck source=pack/ova.sh
source "$here/pack/ova.sh"
# shellcheck source=pack/iso.sh
source "$here/pack/iso.sh"
# shellcheck source=pack/update.sh
source "$here/pack/update.sh"

# A chart is text: there is nothing to compile for it.
is_text=true
for target in "${targets[@]}"; do
    [[ $target == chart ]] || is_text=false
done
$is_text && runs_maven=false
check_needs "${targets[@]}"
check_sign_key
$is_text || jdk=$(find_jdk) || exit 1
mkdir -p "$out"
out=$(cd "$out" && pwd -P)
if $runs_maven; then
    echo "Building the jars with $jdk"
    (cd "$source_folder" && JAVA_HOME=$jdk \
        MAVEN_OPTS="${MAVEN_OPTS:-} --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow" \
        mvn -B -ntp -q -Dmaven.test.skip=true -Dproduct.version="$version" -pl appliance-image -am package)
fi
for target in "${targets[@]}"; do
    "make_$target"
done
drop_pieces
make_sums
