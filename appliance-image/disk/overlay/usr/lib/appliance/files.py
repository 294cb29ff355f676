"""What the settings mean as files below /etc: path, text. Rendered anew at each boot, since /etc is kept in memory only."""

import ipaddress

ARGUMENTS = "--admin 0.0.0.0:{port}"


def of(settings):
    """All files of these settings; the settings were checked before."""
    rendered = {
        "hostname": settings["hostname"] + "\n",
        "hosts": f"127.0.0.1 localhost\n::1 localhost\n127.0.1.1 {settings['hostname']}\n",
        "nftables.conf": firewall(settings),
        "systemd/timesyncd.conf.d/appliance.conf": _time(settings),
        "ssh/authorized_keys": "".join(key + "\n" for key in settings["sshKeys"]),
        "penstock/appliance.env": f"PENSTOCK_APPLIANCE_ARGS={ARGUMENTS.format(port=settings['admin']['port'])}\n",
    }
    for i, link in enumerate(settings["network"]):
        rendered[f"systemd/network/{10 + i:02d}-seed.network"] = _network(link)
    rendered["systemd/network/90-dhcp.network"] = "[Match]\nType=ether\nKind=!*\n\n[Network]\nDHCP=yes\n\n[DHCPv4]\nUseDomains=yes\n"
    return rendered


def _time(settings):
    return "[Time]\n" + (f"NTP={' '.join(settings['ntp'])}\n" if settings["ntp"] else "")


def _network(link):
    lines = ["[Match]"]
    if link["mac"]:
        lines.append(f"MACAddress={link['mac']}")
    if link["name"]:
        lines.append(f"Name={link['name']}")
    dhcp = {(True, True): "yes", (True, False): "ipv4", (False, True): "ipv6", (False, False): "no"}
    lines += ["", "[Network]", f"DHCP={dhcp[link['dhcp4'], link['dhcp6']]}"]
    lines += [f"Address={address}" for address in link["addresses"]]
    lines += [f"Gateway={gateway}" for gateway in link["gateways"]]
    lines += [f"DNS={server}" for server in link["dns"]]
    if link["search"]:
        lines.append(f"Domains={' '.join(link['search'])}")
    for route in link["routes"]:
        lines += ["", "[Route]", f"Destination={route['to']}", f"Gateway={route['via']}"]
    if link["mtu"]:
        lines += ["", "[Link]", f"MTUBytes={link['mtu']}"]
    return "\n".join(lines) + "\n"


def firewall(settings):
    """Everything is dropped but what the gateway listens to, by whatever port, and ssh if there is a key for it."""
    port = settings["admin"]["port"]
    rules = []
    by_family = {4: [], 6: []}
    for source in settings["admin"]["sources"]:
        by_family[ipaddress.ip_network(source).version].append(source)
    if settings["admin"]["sources"]:
        for version, family in ((4, "ip"), (6, "ip6")):
            if by_family[version]:
                rules.append(f"tcp dport {port} {family} saddr {{ {', '.join(by_family[version])} }} accept")
        rules.append(f"tcp dport {port} drop")
    if settings["sshKeys"]:
        rules.append("tcp dport 22 accept")
    return FIREWALL.replace("@RULES@", "\n        ".join(rules))


# TCP goes without connection tracking, which would cost each packet of the data plane a look-up and bound the connections:
# only what begins one has to be let in. The gateway's listeners are known by its control group, which the service manager puts
# into the set (NFTSet= of the unit), so that a listener made by the admin API is open at once and what goes is closed.
FIREWALL = """#!/usr/sbin/nft -f
flush ruleset
table inet appliance {
    set gateway {
        type cgroupsv2
    }
    chain untracked {
        type filter hook prerouting priority raw; policy accept;
        meta l4proto tcp notrack
        meta l4proto udp socket cgroupv2 level 2 @gateway notrack
    }
    chain untracked_out {
        type filter hook output priority raw; policy accept;
        meta l4proto tcp notrack
    }
    chain input {
        type filter hook input priority filter; policy drop;
        iif lo accept
        tcp flags & (fin | syn | rst | ack) != syn accept
        ct state established,related accept
        meta l4proto { icmp, ipv6-icmp } accept
        udp dport { 68, 546 } accept
        meta l4proto vrrp accept
        @RULES@
        meta l4proto { tcp, udp } socket cgroupv2 level 2 @gateway accept
    }
    chain forward {
        type filter hook forward priority filter; policy drop;
    }
}
"""
