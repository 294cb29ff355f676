# Makes the Debian package.

# What a Debian version may look like: "1.2.0-rc1" comes before "1.2.0".
deb_version() {
    echo "${version//-/\~}"
}

make_deb() {
    local package=$out/penstock_$(deb_version)_amd64.deb
    local root=$out/deb.part
    rm -rf "$root"
    mkdir -p "$root"/{DEBIAN,etc/penstock,usr/bin,usr/lib/systemd/system,usr/share/doc/penstock}
    make_tree "$root/usr/lib/penstock"
    ln -s ../lib/penstock/bin/penstock "$root/usr/bin/penstock"
    cp "$here/deb/penstock.service" "$root/usr/lib/systemd/system/"
    cp "$here/deb/penstock.env" "$root/etc/penstock/"
    cp "$here/deb/copyright" "$root/usr/share/doc/penstock/"
    cp "$here"/deb/{conffiles,postinst,prerm,postrm} "$root/DEBIAN/"
    make_sbom "$root/usr/lib/penstock" "$root/usr/share/doc/penstock/sbom.cdx.json"
    chmod -R u=rwX,go=rX "$root"
    chmod 755 "$root"/DEBIAN/{postinst,prerm,postrm}
    sed -e "s/@VERSION@/$(deb_version)/" -e "s/@SIZE@/$(du -sk --apparent-size "$root/usr" | cut -f1)/" \
        "$here/deb/control.in" >"$root/DEBIAN/control"
    (cd "$root" && find etc usr -type f | LC_ALL=C sort | xargs -d '\n' md5sum >DEBIAN/md5sums)
    find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
    # The next levels take minutes and gain 4 MB in 67. One thread, for xz cuts blocks by threads.
    dpkg-deb --root-owner-group -Zxz -z1 --threads-max=1 --build "$root" "$package.part" >"$out/deb.log" 2>&1 ||
        fail "dpkg-deb: $(cat "$out/deb.log")"
    mv "$package.part" "$package"
    rm -rf "$root" "$out/deb.log"
    made "$package"
}
