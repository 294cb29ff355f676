# Runs in the chroot that deb.sh has made.
set -euo pipefail

fail() {
    echo "FAILED: $*" >&2
    cat /run.log >&2 2>/dev/null || true
    exit 1
}

export DEBIAN_FRONTEND=noninteractive
dpkg -i /one.deb >/install.log 2>&1 || fail "it does not install: $(cat /install.log)"
[[ $(stat -c '%U:%a' /var/lib/penstock) == penstock:700 ]] || fail "the data folder is $(stat -c '%U:%a' /var/lib/penstock)"
[[ $(stat -c '%U:%G:%a' /etc/penstock) == root:penstock:750 ]] || fail "/etc/penstock is $(stat -c '%U:%G:%a' /etc/penstock)"
[[ -z $(find /usr/lib/penstock ! -type l -perm /022) ]] || fail "files that others may write"
[[ $(/usr/bin/penstock --version) == *penstock* ]] || fail "the command does not run"

cat >/etc/penstock/gateway.yaml <<'YAML'
apiVersion: penstock/v1
listeners:
  - {name: web, address: "127.0.0.1:80", protocol: http}
  - {name: secure, address: "127.0.0.1:443", protocol: https, http2: true, http3: true}
certificates: [{name: own, certificate: {file: own.pem}, key: {file: own.key}}]
plugins: [{name: count, version: 1.0.0, package: {dir: count}}]
routes:
  - name: counted
    matches: [{path: {type: exact, value: /counted}}]
    respond: {body: up}
    filters: [{type: plugin, use: count@1}]
  - {name: packed, matches: [{path: {type: exact, value: /packed}}], filters: [{type: compress}], respond: {body: "@MUCH@"}}
  - {name: plain, matches: [{path: {type: prefix, value: /}}], respond: {body: up}}
YAML
sed -i "s/@MUCH@/$(printf 'much %.0s' {1..500})/" /etc/penstock/gateway.yaml
mkdir /etc/penstock/count
cat >/etc/penstock/count/plugin.json <<'JSON'
{"name": "count", "version": "1.0.0", "api": 1, "entry": "main.mjs", "permissions": {"kv": ["seen"]}}
JSON
cat >/etc/penstock/count/main.mjs <<'SCRIPT'
export default {
  async onRequest(req, ctx) {
    await ctx.kv('seen').put('last', 'seen');
    return new Response(await ctx.kv('seen').get('last'));
  },
};
SCRIPT
cp /own.pem /own.key /etc/penstock/
chgrp -R penstock /etc/penstock/own.key /etc/penstock/count
chmod -R u=rwX,g=rX,o= /etc/penstock/own.key /etc/penstock/count
chgrp penstock /etc/penstock/gateway.yaml
chmod 640 /etc/penstock/gateway.yaml
# What the unit grants: a port below 1024. setpriv is the unit's user and capability here, where no systemd is.
mkfifo /said
setpriv --reuid penstock --regid penstock --init-groups --inh-caps=-all,+net_bind_service --ambient-caps=+net_bind_service \
    /usr/bin/penstock run --data /var/lib/penstock --apply /etc/penstock/gateway.yaml >/said 2>/run.log &
exec 3</said
read -r -t 120 line <&3 || fail "it says nothing"
[[ $line == ready* ]] || fail "it says $line"
first=$(head -n 1 /var/lib/penstock/lock)
[[ $(curl -sS http://127.0.0.1:80/) == up ]] || fail "it does not serve"
# What came with it is what is loaded: TLS, QUIC, sockets, the store, compression, scripts and their store. Of none of it a copy is
# unpacked, and none is another system's.
[[ $(curl -sSk https://localhost/) == up ]] || fail "it does not serve by TLS"
for coding in zstd br gzip; do
    curl -sS -D - -o /packed -H "Accept-Encoding: $coding" http://127.0.0.1:80/packed | grep -qi "^content-encoding: $coding" || fail "it does not pack by $coding"
done
for ((i = 0; i < 300; i++)); do
    [[ $(curl -sS http://127.0.0.1:80/counted) == seen ]] && break
    read -r -t 0.2 _ <&3 || true
done
((i < 300)) || fail "its script or the store of scripts does not work: $(curl -sS -i http://127.0.0.1:80/counted)"
for library in tcnative quiche42 transport_native_epoll sqlitejdbc zstd-jni brotli; do
    grep -q "/usr/lib/penstock/native/lib.*$library" "/proc/$first/maps" || fail "$library is not loaded"
done
found=$(grep -o '/[^ ]*\.so[^ ]*' "/proc/$first/maps" | sort -u | grep -Ev '^/usr/lib/|^/lib/' || true)
[[ -z $found ]] || fail "libraries of elsewhere are loaded: $found"
found=$(find /usr/lib/penstock \( -name '*aarch*' -o -name '*osx*' -o -name '*windows*' \))
[[ -z $found ]] || fail "it brings what is for other systems: $found"
rm -f /packed

echo '# changed by hand' >>/etc/penstock/penstock.env
touch /load
(
    n=0
    while [[ -e /load ]]; do
        [[ $(curl -sS -m 10 http://127.0.0.1:80/ 2>>/lost) == up ]] || echo "request $n" >>/lost
        n=$((n + 1))
    done
    echo "$n" >/asked
) &
load=$!
dpkg -i /two.deb >/install.log 2>&1 || fail "it is not upgraded: $(cat /install.log)"
grep -q 'changed by hand' /etc/penstock/penstock.env || fail "what was changed by hand is gone"
setpriv --reuid penstock --regid penstock --init-groups /usr/bin/penstock restart --data /var/lib/penstock ||
    fail "the new version does not take over"
second=$(head -n 1 /var/lib/penstock/lock)
[[ $second != "$first" ]] || fail "process $first still holds the folder"
rm /load
wait "$load"
[[ ! -s /lost ]] || fail "lost over the upgrade: $(cat /lost)"
echo "  $(cat /asked) requests one by one over the upgrade, none lost"
kill "$second"
while [[ -e /proc/$first || -e /proc/$second ]] && kill -0 "$second" 2>/dev/null; do read -r -t 0.1 _ <&3 || true; done

dpkg -r penstock >/install.log 2>&1 || fail "it is not removed: $(cat /install.log)"
[[ -d /var/lib/penstock && -e /etc/penstock/penstock.env && ! -e /usr/lib/penstock ]] || fail "removed is more or less than the program"
dpkg -P penstock >/install.log 2>&1 || fail "it is not purged: $(cat /install.log)"
rm -f /own.pem /own.key /said /lost /run.log /asked /install.log /one.deb /two.deb
