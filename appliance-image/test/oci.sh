#!/usr/bin/env bash
# The container image: what readers of the format say of it, what is and what is not in it, and whether it serves as a user without
# rights, on a root that cannot be written. As root, without a container engine.
#
#   appliance-image/test/oci.sh IMAGE.oci.tar
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=lib.sh
source "$here/lib.sh"
[[ -r ${1:-} ]] || fail "usage: oci.sh IMAGE.oci.tar"
need_root
need_commands skopeo:skopeo umoci:umoci runc:runc jq:jq ip:iproute2 curl:curl
make_work
image=$(realpath "$1")

say "read by skopeo and umoci"
skopeo inspect "oci-archive:$image" >"$work/inspect.json"
skopeo inspect --config "oci-archive:$image" | jq -e '.config.User == "10001:10001"' >/dev/null || fail "the user is not 10001"
mkdir "$work/layout"
tar -C "$work/layout" -xf "$image"
tag=$(jq -r '.manifests[0].annotations["org.opencontainers.image.ref.name"]' "$work/layout/index.json")
umoci unpack --image "$work/layout:$tag" "$work/bundle" >/dev/null
root=$work/bundle/rootfs
found=$(find "$root" \( -name '*sh' -o -name busybox -o -name perl -o -name 'python*' \) -type f -perm /111)
[[ -z $found ]] || fail "there are programs to run others by: $found"
found=$(find "$root" -xdev -perm /6000)
[[ -z $found ]] || fail "there are programs that run as another user: $found"
found=$(find "$root" -xdev ! -type l -perm /002 ! -perm -1000)
[[ -z $found ]] || fail "others may write: $found"

say "run by runc"
cat >"$root/gateway.yaml" <<'YAML'
apiVersion: penstock/v1
listeners: [{name: web, address: "127.0.0.1:8080", protocol: http}]
routes: [{name: plain, matches: [{path: {type: prefix, value: /}}], respond: {body: up}}]
YAML
chmod 644 "$root/gateway.yaml"
mkdir -m 700 "$work/data"
chown 10001:10001 "$work/data"
namespace=penstock-oci-$$
ip netns add "$namespace"
ended() {
    runc delete --force "$namespace" 2>/dev/null || true
    ip netns delete "$namespace"
    [[ -n ${KEEP:-} ]] || rm -rf "$work"
}
trap ended EXIT
ip -n "$namespace" link set lo up
jq --arg data "$work/data" --arg net "/run/netns/$namespace" '
    .process.terminal = false | .root.readonly = true | .process.args += ["--apply", "/gateway.yaml"]
    | .process.capabilities = {} | .process.noNewPrivileges = true
    | .linux.namespaces |= map(if .type == "network" then .path = $net else . end)
    | .mounts |= map(select(.destination != "/var/lib/penstock"))
    | .mounts += [{destination: "/var/lib/penstock", type: "bind", source: $data, options: ["rbind", "rw"]},
                  {destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["noexec", "nosuid", "nodev"]}]
' "$work/bundle/config.json" >"$work/config.json"
mv "$work/config.json" "$work/bundle/config.json"
mkfifo "$work/said"
runc run --bundle "$work/bundle" "$namespace" >"$work/said" 2>"$work/err" </dev/null &
exec 3<"$work/said"
read -r -t 120 line <&3 || fail "it says nothing: $(cat "$work/err")"
[[ $line == ready* ]] || fail "it says $line"
say "$line"
[[ $(ip netns exec "$namespace" curl -sS http://127.0.0.1:8080/) == up ]] || fail "it does not serve"
[[ $(ip netns exec "$namespace" curl -sS -o /dev/null -w '%{http_code}' http://127.0.0.1:8082/readyz) == 200 ]] || fail "it is not ready"
[[ $(runc ps --format json "$namespace" | jq -r '.[0]' | xargs -I{} stat -c %u /proc/{}) == 10001 ]] || fail "it runs as another user"
runc kill "$namespace" TERM
wait $! || fail "it ended with $?: $(cat "$work/err")"
say "passed: $(jq -r '.Layers | length' "$work/inspect.json") layers, $(($(stat -c %s "$image") >> 20)) MiB, $(sha256sum "$image" | cut -c1-16)"
