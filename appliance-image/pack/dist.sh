# Makes the distribution: runtime, jars, native libraries and, if asked for, caches of loaded classes.

# What the product and its libraries need of the JDK. Not jdk.graal.compiler: that module of the JDK is an empty stub, and
# only without it can the real one, a jar, be an ordinary module. jdk.compiler: Chronicle Map compiles at its first open.
runtime_modules=(
    java.base java.compiler java.instrument java.logging java.management java.naming java.net.http java.sql
    jdk.compiler jdk.crypto.cryptoki jdk.internal.vm.ci jdk.jcmd jdk.jfr jdk.management jdk.net jdk.unsupported jdk.zipfs
)

# Native libraries for Linux x86_64: jar, path inside. bin/penstock tells their folder: to most by java.library.path, which
# their loaders ask before they unpack anything, to the others by properties of their own.
native_libraries=(
    'netty-transport-native-epoll-*-linux-x86_64.jar META-INF/native/libnetty_transport_native_epoll_x86_64.so'
    'netty-tcnative-boringssl-static-*-linux-x86_64.jar META-INF/native/libnetty_tcnative_linux_x86_64.so'
    'netty-codec-native-quic-*-linux-x86_64.jar META-INF/native/libnetty_quiche42_linux_x86_64.so'
    'sqlite-jdbc-*.jar org/sqlite/native/Linux/x86_64/libsqlitejdbc.so'
    'native-linux-x86_64-*.jar lib/linux-x86_64/libbrotli.so'
    'zstd-jni-*.jar linux/amd64/libzstd-jni-*.so'
    'truffle-api-*.jar META-INF/resources/engine/libtruffleattach/linux/amd64/bin/libtruffleattach.so'
    'jna-[0-9]*.jar com/sun/jna/linux-x86-64/libjnidispatch.so'
    'jffi-*-native.jar jni/x86_64-Linux/libjffi-1.2.so'
)

make_dist() {
    local name=penstock-$version-linux-x86_64
    local folder=$out/$name
    local archive=$out/$name.tar.gz
    make_tree "$folder"
    if $with_caches; then
        echo "Training the caches of loaded classes"
        train "$folder"
    fi
    # gzip reads a pipe, so that it notes neither name nor time.
    tar -C "$out" --owner=0 --group=0 --numeric-owner --sort=name --format=gnu -cf - "$name" | gzip -6n >"$archive.part"
    mv "$archive.part" "$archive"
    made "$archive"
    make_sbom "$folder" "$out/$name.cdx.json"
}

# The folder that runs, the same to the last bit wherever and whenever it is made of the same sources by the same JDK.
make_tree() {
    local folder=$1
    [[ -e $here/target/lib ]] || fail "$here/target/lib is not there; leave out --no-maven"
    rm -rf "$folder"
    mkdir -p "$folder"/{bin,native}

    echo "Linking the runtime"
    local IFS=,
    "$jdk/bin/jlink" --add-modules "${runtime_modules[*]}" --strip-debug --no-header-files --no-man-pages \
        --compress=zip-0 --output "$folder/runtime"
    unset IFS

    cp "$here/bin/penstock" "$folder/bin/"
    cp "$here"/src/jvm/*.options "$here"/src/jvm/compiler.directives "$folder/"
    mkdir "$folder/lib" "$folder/compiler"
    cp "$here"/target/lib/*.jar "$folder/lib/"
    cp "$here"/target/compiler/*.jar "$folder/compiler/"
    copy_natives "$folder"
    "$here/pack/slim.py" "$folder"
    echo "$version" >"$folder/VERSION"
    chmod -R u=rwX,go=rX "$folder"
    # A cache remembers each jar's time as well, and what unpacks a tar may keep whole seconds only.
    find "$folder" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

copy_natives() {
    local folder=$1 entry jars
    for entry in "${native_libraries[@]}"; do
        # shellcheck disable=SC2206  # the pattern is to be expanded
        jars=("$folder"/lib/${entry%% *})
        [[ ${#jars[@]} == 1 && -r ${jars[0]} ]] || fail "no single ${entry%% *} in $folder/lib, but: ${jars[*]}"
        unzip -q -o -j "${jars[0]}" "${entry#* }" -d "$folder/native" ||
            fail "${jars[0]} has no ${entry#* } any more; say in $here/pack/dist.sh where it is now"
    done
    chmod 755 "$folder"/native/*
}

# A port below those that the kernel gives to clients, with nobody behind it.
free_port() {
    local port
    for port in $(shuf -i 15000-29999 -n 50); do
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return 0
        fi
    done
    fail "none of 50 ports on 127.0.0.1 is free"
}

# Runs the distribution once, with real traffic, a script, admin calls and a stop, and keeps what was loaded.
train() {
    local folder=$1 work gateway i web admin token
    work=$(mktemp -d)
    cp -r "$here/pack/training" "$work/training"
    web=127.0.0.1:$(free_port)
    sed -i "s/127\.0\.0\.1:PORT/$web/" "$work/training/gateway.yaml"
    head -c 24 /dev/urandom | base64 | tr '+/' '-_' >"$work/token"
    PENSTOCK_JAVA_OPTS="-XX:AOTCacheOutput=$folder/gateway.aot -Xlog:aot*=off" \
        "$folder/bin/penstock" run --data "$work/data" --apply "$work/training/gateway.yaml" --admin 127.0.0.1:0 \
        --status 127.0.0.1:0 --admin-token-file "$work/token" >"$work/run.log" 2>&1 &
    gateway=$!
    # A failure must not leave the gateway behind.
    trap 'kill "$gateway" 2>/dev/null || true' EXIT
    for ((i = 0; i < 600; i++)); do
        grep -q '^ready' "$work/run.log" && break
        kill -0 "$gateway" 2>/dev/null || break
        sleep 0.2
    done
    grep -q '^ready' "$work/run.log" || fail "the training run did not get ready: $(cat "$work/run.log")"
    admin=$(sed -n 's/^ready.* admin \(http[^,]*\),.*/\1/p' "$work/run.log")
    token=$(cat "$work/token")

    # Keep-alive, bodies both ways, a refusal by each of script and router.
    local -a paths=()
    for ((i = 0; i < 2000; i++)); do
        paths+=(-o /dev/null "http://$web/guarded/answer/$i")
    done
    curl -sS -H 'Authorization: Bearer let-me-in' "${paths[@]}" || fail "the training traffic was not answered"
    curl -sS -o /dev/null "http://$web/guarded/without" "http://$web/nowhere" -o /dev/null
    head -c 200000 /dev/zero | curl -sS -o /dev/null --data-binary @- -H 'Authorization: Bearer let-me-in' "http://$web/guarded/answer"
    # Admin: read, write, explain, roll back, and by the command too.
    local call
    for call in /v1/node /v1/config /v1/routes /v1/stats /v1/config/revisions /v1/plugins; do
        curl -sS -f -o /dev/null -H "Authorization: Bearer $token" "$admin$call" || fail "$admin$call was not answered"
    done
    curl -sS -f -o /dev/null -X PATCH -H "Authorization: Bearer $token" -H 'Content-Type: application/merge-patch+json' -H 'If-Match: *' \
        -d '{"priority": 3}' "$admin/v1/routes/answer" || fail "the training change was refused"
    PENSTOCK_JAVA_OPTS="-XX:AOTCacheOutput=$folder/command.aot -Xlog:aot*=off" \
        "$folder/bin/penstock" diff "$work/training/gateway.yaml" --admin "$admin" --token-file "$work/token" >>"$work/command.log" 2>&1 ||
        (($? == 2)) || fail "the training command failed"

    kill "$gateway"
    wait "$gateway" || true
    trap - EXIT
    [[ -s $folder/gateway.aot && -s $folder/command.aot ]] || fail "no cache was written: $(cat "$work/run.log")"
    rm -rf "$work"
}
