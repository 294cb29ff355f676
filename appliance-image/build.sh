#!/usr/bin/env bash
# Makes what is installed, from a clean checkout:
#
#   appliance-image/build.sh dist [--version V] [--out DIR]
#
#   dist   penstock-V-linux-x86_64.tar.gz: a Java runtime of its own, the jars, native libraries, and a cache of loaded
#          classes that makes the start several times shorter. It runs from any folder; nothing is unpacked at run time.
#
#   --version V   what the product says of itself (default: the version in pom.xml)
#   --out DIR     where the result goes (default: appliance-image/target/dist); made if need be
#   --no-maven    pack what "mvn -DskipTests package" has left in appliance-image/target
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
source_folder=$(dirname "$here")

usage() {
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
}

fail() {
    printf 'build.sh: %s\n' "$*" >&2
    exit 1
}

target=
version=
out=$here/target/dist
runs_maven=true
while (($#)); do
    case $1 in
        -h | --help) usage && exit 0 ;;
        --version | --out)
            (($# > 1)) || fail "$1 needs a value; see --help"
            if [[ $1 == --version ]]; then version=$2; else out=$2; fi
            shift
            ;;
        --no-maven) runs_maven=false ;;
        dist) target=$1 ;;
        *) fail "\"$1\" is not something to make or an option; see --help" ;;
    esac
    shift
done
[[ -n $target ]] || { usage >&2 && exit 2; }
if [[ -z $version ]]; then
    version=$(sed -n 's:.*<version>\(.*\)</version>.*:\1:p' "$source_folder/pom.xml" | head -n 1)
fi
[[ $version =~ ^[0-9A-Za-z][0-9A-Za-z.+~-]{0,63}$ ]] ||
    fail "--version \"$version\" is no version: letters, digits and . + ~ - only, at most 64"
[[ $(uname -s)-$(uname -m) == Linux-x86_64 ]] || fail "this makes Linux x86_64 and runs there only; this is $(uname -sm)"

# What is missing is said at once, before anything is made.
needs=(unzip:unzip tar:tar gzip:gzip curl:curl)
$runs_maven && needs+=(mvn:maven)
missing=()
for need in "${needs[@]}"; do
    command -v "${need%%:*}" >/dev/null || missing+=("${need#*:}")
done
((${#missing[@]} == 0)) || fail "missing: ${missing[*]}. Install: apt-get install ${missing[*]}"

# shellcheck source=pack/jdk.sh
source "$here/pack/jdk.sh"
# shellcheck source=pack/dist.sh
source "$here/pack/dist.sh"

jdk=$(find_jdk) || exit 1
mkdir -p "$out"
out=$(cd "$out" && pwd -P)
if $runs_maven; then
    echo "Building the jars with $jdk"
    (cd "$source_folder" && JAVA_HOME=$jdk \
        MAVEN_OPTS="${MAVEN_OPTS:-} --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow" \
        mvn -B -ntp -q -Dmaven.test.skip=true -Dproduct.version="$version" -pl appliance-image -am package)
fi
"make_$target"
