# What is missing on this machine is said at once, before anything is made.

# Command, and the Debian package that has it.
needs_of() {
    case $1 in
        dist) echo unzip:unzip tar:tar gzip:gzip python3:python3 ;;
        deb) echo unzip:unzip dpkg-deb:dpkg xz:xz-utils python3:python3 ;;
        oci) echo unzip:unzip mmdebstrap:mmdebstrap python3:python3 tar:tar ;;
        chart) echo python3:python3 ;;
        image) echo "$image_needs qemu-img:qemu-utils zstd:zstd" ;;
        ova) echo "$image_needs qemu-img:qemu-utils" ;;
        iso) echo "$image_needs xorriso:xorriso" ;;
        update) echo "$image_needs rauc:rauc" ;;
    esac
}

image_needs="unzip:unzip dpkg-deb:dpkg xz:xz-utils python3:python3 mmdebstrap:mmdebstrap mksquashfs:squashfs-tools mkfs.vfat:dosfstools
    mcopy:mtools sfdisk:fdisk unshare:util-linux"

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
    ((${#missing[@]})) || check_image "$@"
    ((${#missing[@]})) || return 0
    mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
    fail "missing: ${missing[*]}. Install: apt-get install ${missing[*]}"
}

# What an image or a chart needs besides programs.
check_image() {
    local target
    for target in "$@"; do
        case $target in
            dist | deb | oci) continue ;;
            chart)
                [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+([-+].+)?$ ]] ||
                    fail "chart: the version \"$version\" is none that Helm takes: wanted 1.2.3, 1.2.3-rc.1 or 1.2.3+build"
                continue
                ;;
        esac
        # RAUC's idea of a version, with which it tells older from newer.
        [[ $version =~ ^[0-9]+(\.[0-9]+){0,2}(-[0-9A-Za-z.]+)?$ ]] ||
            fail "$target: the version \"$version\" is none that an appliance can compare: wanted 1.2.3 or 1.2.3-rc1"
        ((EUID == 0)) || fail "$target needs root: it makes a file system whose files belong to root"
        [[ -r $bundle_keyring ]] || fail "$target needs --bundle-keyring FILE: the certificates whose bundles the appliance takes"
        if [[ $target == update ]]; then
            [[ -r $bundle_cert && -r $bundle_key ]] || fail "update needs --bundle-cert FILE and --bundle-key FILE"
        fi
    done
    [[ -z $base_tar || -r $base_tar ]] || fail "--base $base_tar cannot be read"
}
