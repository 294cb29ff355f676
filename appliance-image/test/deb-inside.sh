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
listeners: [{name: web, address: "127.0.0.1:80", protocol: http}]
routes: [{name: plain, matches: [{path: {type: prefix, value: /}}], respond: {body: up}}]
YAML
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
rm -f /said /lost /run.log /asked /install.log /one.deb /two.deb
