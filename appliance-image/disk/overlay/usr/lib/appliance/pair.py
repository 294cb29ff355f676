"""Two gateways that share a service address and an egress address, by VRRP or by BGP: what is said of it, checked, and as files.

Kept beside the settings, as it differs between two machines whose settings are otherwise alike; off where nothing is kept.
"""

import ipaddress
import itertools
import re
from pathlib import Path

import changes

KEPT = Path("/var/lib/appliance/pair.json")
ETC = Path("/etc")
TEMPLATES = Path("/usr/lib/appliance/ha")
READY = "/run/appliance-pair/ready"
# How much of the priority is lost by a gateway that is not ready: ha/watch.
WEIGHT = 60
MEMBERS = ("by", "interface", "own", "peer", "service", "egress", "prefix", "priority", "id", "as", "router", "routerAs", "secondChoice", "localPorts", "targets")
ONLY_BY = {"vrrp": ("prefix", "priority", "id"), "bgp": ("as", "router", "routerAs", "secondChoice")}
INTERFACE = re.compile(r"[A-Za-z0-9_.-]{1,15}")
PORTS = re.compile(r"([0-9]{1,5})-([0-9]{1,5})")
NUMBERS = {"prefix": (1, 32), "priority": (WEIGHT + 1, 254), "id": (1, 255), "as": (1, 4294967294), "routerAs": (1, 4294967294)}
# Not with a mask behind it, as Python reads one.
NETWORK = re.compile(r"[0-9.]+(/[0-9]{1,2})?")
TARGETS_MAX = 64


class Faults(Exception):
    """Everything that is wrong, each with its place."""

    def __init__(self, faults):
        super().__init__("\n".join(faults))


def check(document):
    """What a document means, with every member; raises Faults."""
    if not isinstance(document, dict):
        raise Faults([f"pair: found {type(document).__name__}, wanted a mapping"])
    faults = [f"pair: {name!r} is not known. Known: {', '.join(MEMBERS)}" for name in document if name not in MEMBERS]
    found = {"prefix": 24, "id": 77, "peer": None, "secondChoice": False, "localPorts": None, "targets": [], **document}

    def need(name, good, wanted):
        try:
            is_good = good(found.get(name))
        except (ValueError, TypeError):
            is_good = False
        if not is_good:
            faults.append(f"pair.{name}: found {ascii(found.get(name))[:80]}, wanted {wanted}")

    need("by", lambda value: value in tuple(ONLY_BY), "vrrp or bgp")
    if found.get("by") not in tuple(ONLY_BY):
        raise Faults(faults)
    for other, names in ONLY_BY.items():
        faults += [f"pair.{name}: it is for by: {other}" for name in names if other != found["by"] and name in document]
    need("interface", lambda value: INTERFACE.fullmatch(value) and value not in (".", ".."), "the name of an interface")
    for name in ("own", "service", "egress") + (("peer",) if found["by"] == "vrrp" or found["localPorts"] is not None or found["peer"] is not None else ()):
        need(name, _address, "an IPv4 address")
    for other, name in itertools.combinations(("own", "peer", "service", "egress"), 2):
        if found.get(name) is not None and found.get(name) == found.get(other):
            faults.append(f"pair.{name}: it is the same as pair.{other}, wanted an address of its own")
    for name in ("priority", "prefix", "id") if found["by"] == "vrrp" else ("as", "routerAs"):
        least, most = NUMBERS[name]
        need(name, lambda value, least=least, most=most: type(value) is int and least <= value <= most, f"a number from {least} to {most}")
    if found["by"] == "bgp":
        need("router", _address, "an IPv4 address")
        need("secondChoice", lambda value: isinstance(value, bool), "true or false")
    if found["localPorts"] is not None:
        need("localPorts", _ports, "a range of ports that the peer does not use, such as 20000-29999; it lets connections survive a move")
    need("targets", lambda value: isinstance(value, list) and len(value) <= TARGETS_MAX and all(_network(each) for each in value), "a list of IPv4 networks")
    if faults:
        raise Faults(faults)
    return found


def kept(file=None):
    return changes.read(file or KEPT)


def keep(wanted, file=None):
    """None: this gateway stands alone."""
    if wanted is None:
        (file or KEPT).unlink(missing_ok=True)
    else:
        changes.write(file or KEPT, wanted)


def render(file=None, etc=None, templates=TEMPLATES):
    for name, text in files(kept(file), templates).items():
        changes.place((etc or ETC) / name, text)


def files(wanted, templates=TEMPLATES, ready=READY):
    """Path below /etc and text; None where there shall be no file."""
    by = wanted["by"] if wanted else None
    vrrp, bgp = by == "vrrp", by == "bgp"
    return {
        "appliance/keepalived.conf": _keepalived(wanted, templates, ready) if vrrp else None,
        "appliance/bird.conf": _bird(wanted, templates) if bgp else None,
        "appliance/pair.env": _environment(wanted) if wanted else None,
        "appliance/second-chance": "" if wanted and wanted["localPorts"] else None,
        "appliance/input.d/pair.nft": _firewall(wanted) if wanted else None,
        # A gateway that ends is noticed first, and ends what it has begun.
        "penstock/pair.env": "PENSTOCK_PAIR_ARGS=--drain-delay 3 --drain 30\n" if wanted else None,
    }


def _keepalived(wanted, templates, ready):
    return _filled(
        templates / "keepalived.conf",
        READY=ready,
        INTERFACE=wanted["interface"],
        ID=wanted["id"],
        PRIORITY=wanted["priority"],
        OWN=wanted["own"],
        PEER=wanted["peer"],
        SERVICE=wanted["service"],
        EGRESS=wanted["egress"],
        PREFIX=wanted["prefix"],
    )


def _bird(wanted, templates):
    return _filled(
        templates / "bird.conf",
        PREPEND=f"bgp_path.prepend({wanted['as']});" if wanted["secondChoice"] else "",
        INTERFACE=wanted["interface"],
        OWN=wanted["own"],
        AS=wanted["as"],
        ROUTER=wanted["router"],
        ROUTERAS=wanted["routerAs"],
        SERVICE=wanted["service"],
        EGRESS=wanted["egress"],
    )


def _filled(template, **values):
    """A template with its @NAMES@ replaced; what is said in comments stays as it is."""
    lines = template.read_text().splitlines()
    for name, value in values.items():
        lines = [line if line.startswith("#") else line.replace(f"@{name}@", str(value)) for line in lines]
    return "\n".join(lines) + "\n"


def _environment(wanted):
    values = {name.upper(): wanted[name] for name in ("interface", "own", "peer", "service", "egress")}
    values["PORTS"] = wanted["localPorts"] or ""
    values["TARGETS"] = " ".join(wanted["targets"])
    return "".join(f"{name}={value or ''}\n" for name, value in values.items())


def _firewall(wanted):
    if wanted["by"] == "vrrp":
        return f"ip saddr {wanted['peer']} meta l4proto vrrp accept\n"
    # 3784 is BFD, by which a dead router is missed within a third of a second.
    return f"ip saddr {wanted['router']} tcp dport 179 accept\nip saddr {wanted['router']} udp dport 3784 accept\n"


def _address(value):
    return isinstance(value, str) and ipaddress.IPv4Address(value)


def _network(value):
    return isinstance(value, str) and NETWORK.fullmatch(value) and ipaddress.IPv4Network(value)


def _ports(value):
    least, most = (int(part) for part in PORTS.fullmatch(value).groups())
    return 1024 <= least < most <= 65535
