# What is missing on this machine is said at once, before anything is made.

# Command, and the Debian package that has it.
needs_of() {
    case $1 in
        dist) echo unzip:unzip tar:tar gzip:gzip python3:python3 ;;
        deb) echo unzip:unzip dpkg-deb:dpkg xz:xz-utils python3:python3 ;;
    esac
}

check_needs() {
    local target need
    local -a needs=() missing=()
    for target in "$@"; do
        # shellcheck disable=SC2207  # words without blanks
        needs+=($(needs_of "$target"))
    done
    $runs_maven && needs+=(mvn:maven)
    $with_caches && needs+=(curl:curl)
    [[ -z $sign_key ]] || needs+=(openssl:openssl)
    for need in "${needs[@]}"; do
        command -v "${need%%:*}" >/dev/null || missing+=("${need#*:}")
    done
    ((${#missing[@]})) || return 0
    mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
    fail "missing: ${missing[*]}. Install: apt-get install ${missing[*]}"
}
