# Makes the virtual appliance for VMware and VirtualBox: disk, description and checksums in one tar.

make_ova() {
    make_pieces
    local name=penstock-$version folder=$out/ova.part
    local ova=$out/$name.ova disk=$name-disk1.vmdk
    rm -rf "$folder"
    mkdir -p "$folder"
    make_raw "$folder/raw"
    truncate -s 8G "$folder/raw"
    qemu-img convert -f raw -O vmdk -o subformat=streamOptimized,adapter_type=lsilogic "$folder/raw" "$folder/$disk"
    rm "$folder/raw"
    sed -e "s/@NAME@/$name/g" -e "s/@VERSION@/$version/g" -e "s/@DISK@/$disk/g" -e "s/@BYTES@/$(stat -c %s "$folder/$disk")/" \
        "$here/disk/appliance.ovf" >"$folder/$name.ovf"
    (cd "$folder" && for file in "$name.ovf" "$disk"; do
        echo "SHA256($file)= $(sha256sum "$file" | cut -d' ' -f1)"
    done >"$name.mf")
    # The description comes first: importers read the tar as a stream.
    tar -C "$folder" --format=ustar --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" --mode=644 \
        -cf "$ova" "$name.ovf" "$name.mf" "$disk"
    rm -rf "$folder"
    made "$ova"
}
