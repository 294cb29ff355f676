#!/bin/sh
# Lets two gateways share a service address and an egress address without cutting a connection when these move: a packet of a
# connection that this machine does not know is passed on to its peer, which may be ending it. Once at boot, as root.
#
#   second-chance.sh INTERFACE SERVICE EGRESS OWN PEER PORTS [TARGET-NET...]
#
# PORTS is the range of local ports, which must not overlap with the peer's: both open connections from the egress address.
# TARGET-NETs are reached from the egress address.
set -eu
interface=$1 service=$2 egress=$3 own=$4 peer=$5 ports=$6
shift 6

# Slashes, for an interface may have dots in its name: those of VLANs do.
sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 "net/ipv4/conf/$interface/rp_filter=0" \
    net.ipv4.conf.all.send_redirects=0 "net/ipv4/conf/$interface/send_redirects=0" \
    net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2 \
    "net.ipv4.ip_local_port_range=$(printf '%s' "$ports" | tr - ' ')"

# Both addresses are local on both machines, so that connections outlive a move; only keepalived's are answered for by ARP.
ip address replace "$service/32" dev lo
ip address replace "$egress/32" dev lo
for target in "$@"; do
    ip route replace "$target" dev "$interface" src "$egress"
done

# The peer's packets must be seen before "this address is local".
# Each step by itself, for this may have been cut off between two of them.
ip rule list | grep -q '^100:' || ip rule add pref 100 lookup local
ip rule list | grep -q '^50:' || ip rule add pref 50 fwmark 0x77 lookup 177
! ip rule list | grep -q '^0:' || ip rule del pref 0
ip route replace default via "$peer" dev "$interface" table 177

ip neigh show "$peer" dev "$interface" | grep -q lladdr || curl -s -m 2 "http://$peer:9/" >/dev/null || true
peer_mac=$(ip neigh show "$peer" dev "$interface" | sed -n 's/.*lladdr \([0-9a-f:]*\).*/\1/p')
[ -n "$peer_mac" ] || { echo "second-chance: $peer does not answer by ARP; run this again once it is there" >&2; exit 1; }

nft -f - <<RULES
table ip penstock_ha
delete table ip penstock_ha
table ip penstock_ha {
    chain prerouting {
        type filter hook prerouting priority mangle; policy accept;
        # What the peer passes on stays here, known or not: nothing goes round in circles.
        ether saddr $peer_mac accept
        # Clients of the service: a listener is all that is found for a connection that is not ours.
        ip daddr $service tcp flags & (syn | rst) == 0x0 socket wildcard 1 meta mark set 0x77
        # Targets: nothing at all is found.
        ip daddr $egress meta l4proto tcp jump egress
    }
    chain egress {
        socket wildcard 0 accept
        socket wildcard 1 accept
        tcp flags & (syn | ack) != syn meta mark set 0x77
    }
}
RULES
echo "second-chance: $own passes on to $peer ($peer_mac) what it does not know of $service and $egress"
