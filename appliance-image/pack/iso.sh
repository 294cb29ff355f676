# Makes the installer: an ISO that also boots from a USB stick, by BIOS and UEFI.

make_iso() {
    make_pieces
    local folder=$out/iso.part loaders=$out/loaders.part iso=$out/penstock-$version.iso
    rm -rf "$folder"
    mkdir -p "$folder"/{penstock,boot/grub,EFI/BOOT}
    # The running installer and what it installs are the same file.
    ln "$pieces"/{boot.img,core.img,esp.img,root.squashfs} "$folder/penstock/"
    cp "$loaders/vmlinuz" "$loaders/initrd.img" "$folder/boot/"
    cp "$here/disk/iso-grub.cfg" "$folder/boot/grub/grub.cfg"
    cp "$loaders/eltorito.img" "$folder/boot/grub/"
    local efi=$folder/boot/grub/efi.img
    truncate -s 8M "$efi"
    mkfs.vfat -n PENSTOCKISO --invariant "$efi" >/dev/null
    mmd -i "$efi" ::/EFI ::/EFI/BOOT ::/EFI/debian
    mcopy -i "$efi" "$loaders/shimx64.efi.signed" ::/EFI/BOOT/BOOTX64.EFI
    mcopy -i "$efi" "$loaders/grubx64.efi.signed" ::/EFI/BOOT/grubx64.efi
    mcopy -i "$efi" "$loaders/mmx64.efi.signed" ::/EFI/BOOT/mmx64.efi
    # From a stick GRUB looks into the partition that it came from, from a CD into the whole of it.
    mkdir "$folder/EFI/debian"
    # shellcheck disable=SC2016  # GRUB's own
    printf 'search --no-floppy --label --set=root PENSTOCK_SETUP\nconfigfile ($root)/boot/grub/grub.cfg\n' >"$folder/EFI/debian/grub.cfg"
    mcopy -i "$efi" "$folder/EFI/debian/grub.cfg" ::/EFI/debian/grub.cfg
    xorriso -as mkisofs -quiet -V PENSTOCK_SETUP -J -joliet-long -r -iso-level 3 -o "$iso" \
        -b boot/grub/eltorito.img -no-emul-boot -boot-load-size 4 -boot-info-table --grub2-boot-info --grub2-mbr "$loaders/boot_hybrid.img" \
        -append_partition 2 0xef "$efi" -appended_part_as_gpt -eltorito-alt-boot -e --interval:appended_partition_2:all:: -no-emul-boot \
        "$folder" >"$out/xorriso.log" 2>&1 || fail "xorriso: $(cat "$out/xorriso.log")"
    rm -rf "$folder" "$out/xorriso.log"
    made "$iso"
}
