"""The appliance's own settings: what a NoCloud seed says of them, checked as a whole.

Settings are a dict of plain values, kept as JSON: hostname, sshKeys, ntp, network, console, admin. What is not known is told,
never silently passed over.
"""

import ipaddress
import re

DEFAULTS = {
    "hostname": "penstock",
    "sshKeys": [],
    "ntp": [],
    "network": [],
    "console": {"shell": False, "serialToken": False},
    "admin": {"port": 8443, "sources": []},
}
NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.IGNORECASE)
HOST_LENGTH_MAX = 64
KEY = re.compile(r"(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp\d+|sk-\S+@openssh\.com) [A-Za-z0-9+/=]+( [^\n\r]*)?")
INTERFACE = re.compile(r"[A-Za-z0-9_.*?\[\]-]{1,15}")
MAC = re.compile(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", re.IGNORECASE)


class Faults(Exception):
    """Everything that is wrong with a seed, each with its place."""

    def __init__(self, faults):
        super().__init__("\n".join(faults))
        self.faults = faults


def from_seed(meta, user, network):
    """The settings and the Penstock document (or None) of a seed whose files were parsed already; raises Faults."""
    faults = []
    settings = {name: (dict(value) if isinstance(value, dict) else value) for name, value in DEFAULTS.items()}
    meta = _mapping(meta, "meta-data", faults)
    user = _mapping(user, "user-data", faults)
    _unknown(meta, ("instance-id", "local-hostname"), "meta-data", faults)
    _unknown(user, ("hostname", "ssh_authorized_keys", "ntp", "appliance"), "user-data", faults)

    hostname = user.get("hostname", meta.get("local-hostname", DEFAULTS["hostname"]))
    if isinstance(hostname, str) and NAME.fullmatch(hostname) and len(hostname) <= HOST_LENGTH_MAX:
        settings["hostname"] = hostname
    else:
        faults.append(f"hostname: found {hostname!r}, wanted a host name of at most {HOST_LENGTH_MAX} characters")
    settings["sshKeys"] = _each(user.get("ssh_authorized_keys", []), "ssh_authorized_keys", KEY.fullmatch, "an OpenSSH public key", faults)
    ntp = _mapping(user.get("ntp", {}), "ntp", faults)
    _unknown(ntp, ("servers",), "ntp", faults)
    settings["ntp"] = _each(ntp.get("servers", []), "ntp.servers", lambda v: NAME.fullmatch(v) or _address(v), "a name or an address", faults)

    appliance = _mapping(user.get("appliance", {}), "appliance", faults)
    _unknown(appliance, ("console", "admin", "document", "install"), "appliance", faults)
    # The installer's own; an installed machine may have the same seed.
    _unknown(_mapping(appliance.get("install", {}), "appliance.install", faults), ("disk",), "appliance.install", faults)
    console = _mapping(appliance.get("console", {}), "appliance.console", faults)
    _unknown(console, ("shell", "serialToken"), "appliance.console", faults)
    for name, value in console.items():
        if not isinstance(value, bool):
            faults.append(f"appliance.console.{name}: found {value!r}, wanted true or false")
        elif name in settings["console"]:
            settings["console"][name] = value
    admin = _mapping(appliance.get("admin", {}), "appliance.admin", faults)
    _unknown(admin, ("port", "sources"), "appliance.admin", faults)
    port = admin.get("port", DEFAULTS["admin"]["port"])
    if isinstance(port, int) and not isinstance(port, bool) and 1 <= port <= 65535:
        settings["admin"]["port"] = port
    else:
        faults.append(f"appliance.admin.port: found {port!r}, wanted a number from 1 to 65535")
    settings["admin"]["sources"] = _each(admin.get("sources", []), "appliance.admin.sources", _network, "a network such as 10.0.0.0/8", faults)
    settings["network"] = _ethernets(network, faults)
    document = appliance.get("document")
    if document is not None and not isinstance(document, (str, dict)):
        faults.append("appliance.document: wanted a Penstock document")
        document = None
    if faults:
        raise Faults(faults)
    return settings, document


def _ethernets(network, faults):
    network = _mapping(network, "network-config", faults)
    # cloud-init's own wrapping, as some writers of seeds have it.
    network = _mapping(network.get("network", network), "network-config.network", faults)
    if not network:
        return []
    if network.get("version") != 2:
        faults.append(f"network-config.version: found {network.get('version')!r}, wanted 2")
    _unknown(network, ("version", "ethernets"), "network-config", faults)
    found = []
    for name, ethernet in _mapping(network.get("ethernets", {}), "network-config.ethernets", faults).items():
        at = f"network-config.ethernets.{name}"
        ethernet = _mapping(ethernet, at, faults)
        _unknown(ethernet, ("match", "dhcp4", "dhcp6", "addresses", "gateway4", "gateway6", "routes", "nameservers", "mtu"), at, faults)
        match = _mapping(ethernet.get("match", {"name": name}), at + ".match", faults)
        _unknown(match, ("name", "macaddress"), at + ".match", faults)
        link = {"name": match.get("name"), "mac": match.get("macaddress")}
        if link["name"] is None and link["mac"] is None:
            faults.append(f"{at}.match: wanted name or macaddress")
        if link["name"] is not None and not (isinstance(link["name"], str) and INTERFACE.fullmatch(link["name"])):
            faults.append(f"{at}.match.name: found {link['name']!r}, wanted the name of an interface, * allowed")
        if link["mac"] is not None and not (isinstance(link["mac"], str) and MAC.fullmatch(link["mac"])):
            faults.append(f"{at}.match.macaddress: found {link['mac']!r}, wanted six pairs of hexadecimal digits with colons")
        for switch in ("dhcp4", "dhcp6"):
            link[switch] = ethernet.get(switch, False)
            if not isinstance(link[switch], bool):
                faults.append(f"{at}.{switch}: found {link[switch]!r}, wanted true or false")
        link["addresses"] = _each(ethernet.get("addresses", []), at + ".addresses", _interface_address, "an address with its prefix such as 192.0.2.7/24", faults)
        link["gateways"] = _each([ethernet[g] for g in ("gateway4", "gateway6") if g in ethernet], at + ".gateway", _address, "an address", faults)
        link["routes"] = []
        for i, route in enumerate(_list(ethernet.get("routes", []), at + ".routes", faults)):
            route = _mapping(route, f"{at}.routes[{i}]", faults)
            _unknown(route, ("to", "via"), f"{at}.routes[{i}]", faults)
            to, via = route.get("to"), route.get("via")
            if not (isinstance(via, str) and _address(via)) or not (to == "default" or isinstance(to, str) and _network(to)):
                faults.append(f"{at}.routes[{i}]: wanted to (default or a network) and via (an address)")
            elif to == "default":
                link["gateways"].append(via)
            else:
                link["routes"].append({"to": to, "via": via})
        servers = _mapping(ethernet.get("nameservers", {}), at + ".nameservers", faults)
        _unknown(servers, ("addresses", "search"), at + ".nameservers", faults)
        link["dns"] = _each(servers.get("addresses", []), at + ".nameservers.addresses", _address, "an address", faults)
        link["search"] = _each(servers.get("search", []), at + ".nameservers.search", NAME.fullmatch, "a domain", faults)
        link["mtu"] = ethernet.get("mtu")
        if link["mtu"] is not None and not (isinstance(link["mtu"], int) and 576 <= link["mtu"] <= 65535):
            faults.append(f"{at}.mtu: found {link['mtu']!r}, wanted a number from 576 to 65535")
        found.append(link)
    return found


def _mapping(value, at, faults):
    if value is None:
        return {}
    if not isinstance(value, dict):
        faults.append(f"{at}: found {type(value).__name__}, wanted a mapping")
        return {}
    return value


def _list(value, at, faults):
    if not isinstance(value, list):
        faults.append(f"{at}: found {type(value).__name__}, wanted a list")
        return []
    return value


def _each(values, at, is_good, wanted, faults):
    good = []
    for i, value in enumerate(_list(values, at, faults)):
        if isinstance(value, str) and is_good(value):
            good.append(value)
        else:
            faults.append(f"{at}[{i}]: found {value!r}, wanted {wanted}")
    return good


def _unknown(mapping, known, at, faults):
    faults += [f"{at}: {name!r} is not known. Known: {', '.join(known)}" for name in mapping if name not in known]


def _parses(parse, text):
    try:
        parse(text)
        return True
    except ValueError:
        return False


def _address(text):
    return _parses(ipaddress.ip_address, text)


def _network(text):
    return _parses(ipaddress.ip_network, text)


def _interface_address(text):
    return "/" in text and _parses(ipaddress.ip_interface, text)
