# Makes the root of the disk image: Debian, the package of this build, and what disk/overlay lays over it.

# Where trixie comes from, as mmdebstrap's last arguments: its own choice, with updates and security, if nothing is said.
debian_sources() {
    sources=()
    [[ -z $mirror ]] || sources=("deb $mirror trixie main" "deb $mirror trixie-updates main" "deb ${security_mirror:-$mirror-security} trixie-security main")
}

# A folder with the root, and beside it the loaders' files. The base is made of Debian's archive, or of what --base brings.
make_rootfs() {
    local root=$1 loaders=$2 base=$out/base.part.tar
    local packages
    packages=$(sed '/^#/d' "$here/disk/packages.list" | tr -s ' \n' ',,')
    if [[ -n $base_tar ]]; then
        base=$base_tar
    else
        echo "Fetching Debian trixie${mirror:+ from $mirror}"
        debian_sources
        mmdebstrap --quiet --variant=minbase --include="${packages%,}" --aptopt='APT::Install-Recommends "0"' trixie "$base" "${sources[@]}"
    fi
    rm -rf "$root" "$loaders"
    mkdir -p "$root" "$loaders"
    tar -C "$root" -xpf "$base"
    [[ $base == "$base_tar" ]] || rm -f "$base"
    make_deb
    cp "$out/penstock_$(deb_version)_amd64.deb" "$root/penstock.deb"
    cp -a --no-preserve=ownership "$here/disk/overlay/." "$root/"
    mkdir "$root/usr/lib/appliance/ha"
    cp --preserve=mode "$here"/ha/* "$root/usr/lib/appliance/ha/"
    echo "$version" >"$root/usr/lib/appliance/version"
    sed -i "s/@VERSION@/$version/" "$root/etc/rauc/system.conf"
    cp "$bundle_keyring" "$root/etc/rauc/keyring.pem"
    grep -v '^#' "$here/disk/modules.list" >"$root/etc/initramfs-tools/modules"
    sed '/^#/d' "$here/disk/modules.drop" >"$root/modules.drop"
    cp "$here/disk/inside.sh" "$root/inside.sh"
    echo "Setting it up"
    unshare --mount --pid --fork --kill-child --net -- sh -ec '
        mount -t proc proc "$0/proc"; mount --rbind /dev "$0/dev"; mount -t sysfs sys "$0/sys"; mount -t tmpfs tmp "$0/tmp"
        exec chroot "$0" /bin/bash /inside.sh' "$root" >"$out/inside.log" 2>&1 || fail "the root was not set up: $(tail -n 40 "$out/inside.log")"
    rm -f "$root/inside.sh" "$root/penstock.deb" "$root/modules.drop" "$out/inside.log"
    mv "$root/loaders/"* "$loaders/"
    rmdir "$root/loaders"
    "$here/pack/sbom.py" --name penstock-appliance --version "$version" --tree "$root/usr/lib/penstock" --dpkg "$root/var/lib/dpkg/status" \
        --out "$out/penstock-appliance-$version.cdx.json"
    touch -d "@$SOURCE_DATE_EPOCH" "$out/penstock-appliance-$version.cdx.json"
}

# The root as a file. gzip: GRUB, which reads the kernel out of it, knows no zstd.
make_squashfs() {
    local root=$1 file=$2
    echo "Packing the root"
    rm -f "$file"
    # The environment's time would be a second one beside the options.
    env -u SOURCE_DATE_EPOCH mksquashfs "$root" "$file" -comp gzip -b 256K -noappend -no-progress -quiet -all-time "$SOURCE_DATE_EPOCH" \
        -mkfs-time "$SOURCE_DATE_EPOCH" -wildcards -e 'proc/*' 'sys/*' 'dev/*' 'run/*' 'tmp/*'
    local bytes
    bytes=$(stat -c %s "$file")
    ((bytes <= 512 << 20)) || fail "the root is $((bytes >> 20)) MiB, and a slot has 512"
    echo "the root is $((bytes >> 20)) MiB of a slot's 512"
}
