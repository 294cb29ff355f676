"""What the settings mean as files below /etc: path, text. Rendered anew at each boot, since /etc is kept in memory only."""

import ipaddress
import re

import settings as grammar

ARGUMENTS = "--admin 0.0.0.0:{port} --system-socket /run/appliance/control"
# What the settings no longer say has to go, where its name is not always the same.
MADE_HERE = re.compile(r"systemd/network/[0-9]+-link\.network")
FOLDERS_MADE_HERE = ("systemd/network",)
TRUSTED = "/etc/ssl/certs/ca-certificates.crt"


def of(settings):
    """All files of these settings; the settings were checked before. An empty text stands for a file that has nothing to say."""
    ssh = settings["ssh"]
    rendered = {
        "hostname": settings["hostname"] + "\n",
        "hosts": f"127.0.0.1 localhost\n::1 localhost\n127.0.1.1 {settings['hostname']}\n",
        "nftables.conf": firewall(settings),
        "appliance/input.nft": firewall_input(settings),
        "systemd/timesyncd.conf.d/appliance.conf": "[Time]\n" + _line("NTP", settings["ntp"]["servers"]),
        "systemd/resolved.conf.d/settings.conf": "[Resolve]\n" + _line("DNS", settings["dns"]["servers"]) + _line("Domains", settings["dns"]["search"]),
        "ssh/authorized_keys": "".join(key + "\n" for key in ssh["keys"]) if ssh["enabled"] else "",
        "appliance/rsyslog.conf": _syslog(settings["syslog"]),
        "appliance/syslog-ca.pem": (settings["syslog"] or {}).get("ca") or "",
        "penstock/appliance.env": f"PENSTOCK_APPLIANCE_ARGS={ARGUMENTS.format(port=settings['admin']['port'])}\n",
    }
    for i, link in enumerate(settings["network"]):
        rendered[f"systemd/network/{10 + i:02d}-link.network"] = _network(link)
    rendered["systemd/network/90-dhcp.network"] = "[Match]\nType=ether\nKind=!*\n\n[Network]\nDHCP=yes\n\n[DHCPv4]\nUseDomains=yes\n"
    return rendered


def _line(name, values):
    return f"{name}={' '.join(values)}\n" if values else ""


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


def _syslog(syslog):
    if not syslog:
        return ""
    host, port = grammar.split_server(syslog["server"])
    authorities = "/etc/appliance/syslog-ca.pem" if syslog["ca"] else TRUSTED
    return SYSLOG.replace("@HOST@", host).replace("@PORT@", str(port)).replace("@CA@", authorities)


# Nothing is waited for: what the server does not take in time lies on the disk, 64 MiB of it, and what is more is dropped.
SYSLOG = """module(load="imjournal" StateFile="imjournal.state" Ratelimit.Interval="0" IgnorePreviousMessages="on")
global(workDirectory="/var/lib/rsyslog" DefaultNetstreamDriver="gtls" DefaultNetstreamDriverCAFile="@CA@")
# The line in which the gateway tells its setup token: a server of logs is no place for it.
:msg, contains, "pst_" stop
action(
    type="omfwd" target="@HOST@" port="@PORT@" protocol="tcp" TCP_Framing="octet-counted"
    StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="@HOST@"
    template="RSYSLOG_SyslogProtocol23Format"
    action.resumeRetryCount="-1" action.resumeInterval="10"
    queue.type="LinkedList" queue.size="10000" queue.filename="server" queue.maxDiskSpace="64m" queue.saveOnShutdown="on"
    queue.timeoutEnqueue="0"
)
"""


def firewall(settings):
    """Everything is dropped but what the gateway listens to, by whatever port, and ssh if there is a key for it."""
    return FIREWALL.replace("@INPUT@", _input(settings))


def firewall_input(settings):
    """The same for a firewall that is there: only the rules of what comes in, in one step, so that the gateway's set stays filled."""
    return "flush chain inet appliance input\ntable inet appliance {\n" + _input(settings) + "}\n"


def _input(settings):
    rules = _only_from(settings["admin"]["port"], settings["admin"]["sources"])
    if settings["ssh"]["enabled"] and settings["ssh"]["keys"]:
        rules += _only_from(22, settings["ssh"]["sources"]) or ["tcp dport 22 accept"]
    return INPUT.replace("@RULES@", "\n        ".join(rules))


def _only_from(port, sources):
    """Rules that keep a port to its sources; none if everybody is one."""
    rules = []
    for version, family in ((4, "ip"), (6, "ip6")):
        of_family = [source for source in sources if ipaddress.ip_network(source).version == version]
        if of_family:
            rules.append(f"tcp dport {port} {family} saddr {{ {', '.join(of_family)} }} accept")
    return [*rules, f"tcp dport {port} drop"] if rules else []


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
@INPUT@    chain forward {
        type filter hook forward priority filter; policy drop;
        # What the second chance passes on to the other gateway of a pair.
        meta mark 0x77 accept
    }
}
"""

INPUT = """    chain input {
        type filter hook input priority filter; policy drop;
        iif lo accept
        tcp flags & (fin | syn | rst | ack) != syn accept
        ct state established,related accept
        meta l4proto { icmp, ipv6-icmp } accept
        udp dport { 68, 546 } accept
        include "/etc/appliance/input.d/*.nft"
        @RULES@
        meta l4proto { tcp, udp } socket cgroupv2 level 2 @gateway accept
    }
"""
