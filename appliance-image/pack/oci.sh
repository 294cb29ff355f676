# Makes the container image.

make_oci() {
    local base=$out/oci-base.part.tar tree=$out/oci.part/usr/lib/penstock image=$out/penstock-$version.oci.tar
    echo "Fetching Debian trixie's libraries${mirror:+ from $mirror}"
    debian_sources
    mmdebstrap --quiet --mode="$( ((EUID == 0)) && echo root || echo unshare)" --variant=extract --include=libc6,libstdc++6,libgcc-s1,base-files,netbase,tzdata,ca-certificates \
        trixie "$base" "${sources[@]}"
    rm -rf "$out/oci.part"
    mkdir -p "$(dirname "$tree")"
    make_tree "$tree"
    make_sbom "$tree" "$out/penstock-$version.oci.cdx.json"
    launch_arguments "$tree" >"$out/launch.part"
    # There is no shell to run it.
    rm -r "$tree/bin"
    "$here/pack/oci.py" --base "$base" --tree "$tree" --launch "$out/launch.part" --version "$version" --out "$image.part"
    mv "$image.part" "$image"
    rm -rf "$out/oci.part" "$base" "$out/launch.part"
    made "$image"
}

# What the launcher would give to java, asked of the launcher itself; one argument in a line.
launch_arguments() {
    local tree=$1 root=$1.launch
    rm -rf "$root"
    mkdir -p "$root/runtime/bin"
    cp -r "$tree/bin" "$tree"/*.options "$tree/compiler.directives" "$root/"
    ln -s "$tree/lib" "$tree/compiler" "$tree/native" "$root/"
    cp "$tree/runtime/release" "$root/runtime/"
    # shellcheck disable=SC2016  # expanded when it runs
    printf '#!/bin/sh\nprintf "%%s\\n" "$@"\n' >"$root/runtime/bin/java"
    chmod 755 "$root/runtime/bin/java"
    # The young generation depends on the memory of who runs it, and -Dpenstock.launcher is for restarts, which process 1 cannot do.
    env -u PENSTOCK_JAVA_HOME -u PENSTOCK_JAVA_OPTS -C / "$root/bin/penstock" run |
        sed -e '$d' -e '/^-XX:Max\(NewSize\|DirectMemorySize\)=/d' -e 's/^-XX:MaxRAMPercentage=.*/-XX:MaxRAMPercentage=40/' -e '/^-Dpenstock\.\(launcher\|folder\)=/d' -e '/^-XX:ErrorFile=/d' -e "s#$root#/usr/lib/penstock#g"
    rm -rf "$root"
}
