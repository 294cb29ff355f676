# Makes the bundle that upgrades a running appliance: the root, signed, read and checked block by block (dm-verity).

make_update() {
    make_pieces
    local folder=$out/bundle.part bundle=$out/penstock-$version.raucb
    rm -rf "$folder" "$bundle"
    mkdir -p "$folder"
    # The name's ending tells RAUC that it is written as it is.
    ln "$pieces/root.squashfs" "$folder/root.img"
    cat >"$folder/manifest.raucm" <<MANIFEST
[update]
compatible=penstock-appliance-x86_64
version=$version

[bundle]
format=verity

[image.rootfs]
filename=root.img
MANIFEST
    env -u SOURCE_DATE_EPOCH rauc bundle --cert="$bundle_cert" --key="$bundle_key" --keyring="$bundle_keyring" "$folder" "$bundle" >"$out/rauc.log" 2>&1 ||
        fail "rauc: $(cat "$out/rauc.log")"
    rm -rf "$folder" "$out/rauc.log"
    made "$bundle"
}
