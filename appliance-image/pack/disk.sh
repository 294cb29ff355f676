# Makes disk images, without loop devices and mounts.

# A version 5 identifier of the version: the same build has the same disk identifiers.
disk_id() {
    python3 -c 'import sys, uuid; print(uuid.uuid5(uuid.NAMESPACE_URL, "penstock-disk-" + sys.argv[1]))' "$version" | tr a-f A-F
}

# What write-disk takes, in a folder: boot.img, core.img, esp.img, root.squashfs.
make_pieces() {
    [[ -z ${pieces:-} ]] || return 0
    pieces=$out/pieces.part
    local root=$out/root.part loaders=$out/loaders.part
    rm -rf "$pieces"
    mkdir -p "$pieces"
    make_rootfs "$root" "$loaders"
    make_squashfs "$root" "$pieces/root.squashfs"
    "$here/disk/bios-setup.py" "$loaders/boot.img" "$loaders/core.img" 2048 "$pieces"
    cp "$root/boot/vmlinuz" "$root/boot/initrd.img" "$root/usr/lib/appliance/write-disk" "$loaders/"
    rm -rf "$root"

    # At least 33 MiB, or it is no FAT32.
    truncate -s 64M "$pieces/esp.img"
    mkfs.vfat -F 32 -n PENSTOCKESP -i 50454e53 --invariant "$pieces/esp.img" >/dev/null
    mmd -i "$pieces/esp.img" ::/EFI ::/EFI/BOOT ::/EFI/debian ::/grub
    mcopy -i "$pieces/esp.img" "$loaders/shimx64.efi.signed" ::/EFI/BOOT/BOOTX64.EFI
    mcopy -i "$pieces/esp.img" "$loaders/grubx64.efi.signed" ::/EFI/BOOT/grubx64.efi
    mcopy -i "$pieces/esp.img" "$loaders/mmx64.efi.signed" ::/EFI/BOOT/mmx64.efi
    # Where Debian's signed GRUB looks.
    mcopy -i "$pieces/esp.img" - ::/EFI/debian/grub.cfg <<<'configfile ($root)/grub/grub.cfg'
    mcopy -i "$pieces/esp.img" "$here/disk/grub.cfg" ::/grub/grub.cfg
    mcopy -i "$pieces/esp.img" "$loaders/grubenv" ::/grub/grubenv
}

drop_pieces() {
    rm -rf "$out/pieces.part" "$out/loaders.part"
}

# The smallest disk; where it is put it may be larger, and the data partition takes what is there.
make_raw() {
    local raw=$1
    rm -f "$raw"
    truncate -s 1092M "$raw"
    DISK_ID=$(disk_id) "$out/loaders.part/write-disk" "$raw" "$pieces"
}

make_image() {
    make_pieces
    local raw=$out/penstock-$version.raw
    make_raw "$raw"
    qemu-img convert -f raw -O qcow2 -c "$raw" "$out/penstock-$version.qcow2"
    qemu-img resize -q -f qcow2 "$out/penstock-$version.qcow2" 8G
    zstd -q -f -T0 -9 "$raw" -o "$raw.zst"
    rm -f "$raw"
    made "$raw.zst"
    made "$out/penstock-$version.qcow2"
}
