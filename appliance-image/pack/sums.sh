# Checksums and signature of what lies in the folder of results.

made_files=()

# Notes and tells what a target has made.
made() {
    made_files+=("$1")
    echo "$1"
}

make_sbom() {
    local tree=$1 file=$2
    "$here/pack/sbom.py" --name penstock --version "$version" --tree "$tree" --out "$file"
    touch -d "@$SOURCE_DATE_EPOCH" "$file"
}

# Over everything in the folder, also of former calls: a release is made target by target, and has one list.
make_sums() {
    (cd "$out" && find . -maxdepth 1 -type f -name 'penstock[-_]*' ! -name '*.part' -printf '%P\n' | LC_ALL=C sort |
        xargs -r -d '\n' sha256sum >SHA256SUMS)
    echo "$out/SHA256SUMS"
    rm -f "$out/SHA256SUMS.sig"
    if [[ -n $sign_key ]]; then
        openssl pkeyutl -sign -rawin -inkey "$sign_key" -in "$out/SHA256SUMS" -out "$out/SHA256SUMS.sig" ||
            fail "SHA256SUMS could not be signed with $sign_key"
        echo "$out/SHA256SUMS.sig, by the key whose SHA-256 is $(openssl pkey -in "$sign_key" -pubout -outform DER | sha256sum | cut -d' ' -f1)"
    fi
}

# Said before anything is made.
check_sign_key() {
    [[ -z $sign_key ]] && return 0
    [[ -r $sign_key ]] || fail "--sign-key $sign_key cannot be read"
    openssl pkey -in "$sign_key" -noout -text 2>/dev/null | grep -q '^ED25519 Private-Key' ||
        fail "--sign-key $sign_key is no Ed25519 key in PEM. Make one: openssl genpkey -algorithm ed25519 -out KEY"
}
