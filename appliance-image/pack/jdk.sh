# Finds the JDK that the runtime is linked from.

# The JDK 25 to use, the most explicit choice first. Its update has to be that of the script compiler or a later one.
find_jdk() {
    local home
    local -a candidates=("${JAVA_HOME:-}")
    if command -v javac >/dev/null; then
        candidates+=("$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")")
    fi
    shopt -s nullglob
    candidates+=(/usr/lib/jvm/* /usr/local/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* /opt/*jdk* /opt/*jdk*/*
        "${HOME:-/root}"/.sdkman/candidates/java/* "${HOME:-/root}"/.jdks/*)
    shopt -u nullglob
    for home in "${candidates[@]}"; do
        if [[ -n $home && -x $home/bin/jlink && -r $home/release ]] &&
            grep -Eq '^JAVA_VERSION="25[".+-]' "$home/release"; then
            echo "$home"
            return 0
        fi
    done
    fail "no JDK 25 with jlink was found in JAVA_HOME, beside the javac on the PATH, in /usr/lib/jvm, /usr/local/lib/jvm," \
        "/usr/java, /opt, ~/.sdkman or ~/.jdks. Install one (for example Eclipse Temurin), or set JAVA_HOME to it."
}
