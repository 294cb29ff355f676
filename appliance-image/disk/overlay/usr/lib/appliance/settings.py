"""The appliance's own settings: one grammar, for a NoCloud seed and for the admin API, checked as a whole.

Settings are a dict of plain values, kept as JSON; DEFAULTS shows all of it. What is not known is told, never silently passed over.
Whatever passes here may stand in a file below /etc as it is: no value holds a line end or what a file's grammar would read as more.
"""

import copy
import ipaddress
import re
import ssl

DEFAULTS = {
    "hostname": "penstock",
    "network": [],
    "dns": {"servers": [], "search": []},
    "ntp": {"servers": []},
    "syslog": None,
    "ssh": {"enabled": True, "keys": [], "sources": []},
    "admin": {"port": 8443, "sources": []},
    "console": {"shell": False, "serialToken": False},
}
# A mistake in one of these can cut off whoever made it.
ON_TRIAL = ("network", "dns", "admin")
LINK = {"name": None, "mac": None, "dhcp4": False, "dhcp6": False, "addresses": [], "gateways": [], "dns": [], "search": [], "routes": [], "mtu": None}
SYSLOG = {"server": None, "ca": None}
LIST_MAX = 64
NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.IGNORECASE | re.ASCII)
HOST_LENGTH_MAX = 64
NAME_LENGTH_MAX = 253
KEY = re.compile(r"(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp[0-9]+|sk-[a-z0-9-]+@openssh\.com) [A-Za-z0-9+/=]{16,8192}( [ -~]{0,256})?")
FLEET_TOKEN = re.compile(r"[!-~]{16,256}")
INTERFACE = re.compile(r"[A-Za-z0-9_.*?\[\]-]{1,15}")
MAC = re.compile(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", re.IGNORECASE)
# Python reads a zone behind % with anything in it, line ends too, and a prefix of 08, for which nft takes no rules at all.
ADDRESS = re.compile(r"[0-9A-Fa-f.:]+(/(0|[1-9][0-9]{0,2}))?")
PEM = re.compile(r"(-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=]{1,76}\n)+-----END CERTIFICATE-----\n?)+")
PEM_LENGTH_MAX = 65536
# The gateway's status port, which is nobody else's.
PORTS_TAKEN = (22, 8082)


class Faults(Exception):
    """Everything that is wrong, each as its place (names and indexes), a stable word, and what was found and wanted."""

    def __init__(self, faults):
        self.faults = faults
        super().__init__("\n".join(f"{_dotted(place)}: {detail}" for place, _, detail in faults))

    def problems(self):
        """The same with JSON Pointers."""
        return [{"pointer": "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place), "code": code, "detail": detail} for place, code, detail in self.faults]


def _dotted(place):
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else ("." if text else "") + str(step)
    return text or "settings"


def check(document):
    """The settings that a document of the API stands for, with every member; raises Faults."""
    faults = []
    document = _mapping(document, (), faults)
    _unknown(document, tuple(DEFAULTS), (), faults)
    settings = {
        "hostname": _hostname(document.get("hostname", DEFAULTS["hostname"]), ("hostname",), faults),
        "network": [_link(link, ("network", i), faults) for i, link in enumerate(_list(document.get("network", []), ("network",), faults))],
        "ssh": _section(document.get("ssh"), "ssh", ("ssh",), faults),
    }
    for name in ("dns", "ntp", "admin", "console"):
        settings[name] = _section(document.get(name), name, (name,), faults)
    settings["syslog"] = _syslog(document.get("syslog"), ("syslog",), faults)
    if faults:
        raise Faults(faults)
    return settings


def completed(found):
    """What another version has kept, with the members of this one: those that it lacks have their defaults, those unknown here go."""
    settings = copy.deepcopy(DEFAULTS)
    settings.update({name: found[name] for name in DEFAULTS if name in found})
    for name, default in DEFAULTS.items():
        if isinstance(default, dict):
            settings[name] = _of_members(default, settings[name])
    settings["network"] = [_of_members(LINK, link) for link in settings["network"]]
    if settings["syslog"]:
        settings["syslog"] = _of_members(SYSLOG, settings["syslog"])
    return settings


def _of_members(defaults, found):
    return {name: copy.deepcopy(found.get(name, default)) for name, default in defaults.items()}


def differences(before, after):
    """The members that differ."""
    return [name for name in DEFAULTS if before[name] != after[name]]


def from_seed(meta, user, network):
    """The settings and the Penstock document (or None) of a seed whose files were parsed already; raises Faults."""
    faults = []
    settings = copy.deepcopy(DEFAULTS)
    meta = _mapping(meta, ("meta-data",), faults)
    user = _mapping(user, ("user-data",), faults)
    _unknown(meta, ("instance-id", "local-hostname"), ("meta-data",), faults)
    _unknown(user, ("hostname", "ssh_authorized_keys", "ntp", "appliance"), ("user-data",), faults)
    settings["hostname"] = _hostname(user.get("hostname", meta.get("local-hostname", DEFAULTS["hostname"])), ("hostname",), faults)
    settings["ntp"] = _section(user.get("ntp"), "ntp", ("ntp",), faults)

    at = ("appliance",)
    appliance = _mapping(user.get("appliance", {}), at, faults)
    _unknown(appliance, ("console", "admin", "dns", "syslog", "ssh", "pair", "document", "install", "fleet"), at, faults)
    _fleet(appliance.get("fleet"), (*at, "fleet"), faults)
    # The installer's own; an installed machine may have the same seed.
    install = _mapping(appliance.get("install", {}), (*at, "install"), faults)
    _unknown(install, ("disk", "replace"), (*at, "install"), faults)
    for name in ("console", "admin", "dns"):
        settings[name] = _section(appliance.get(name), name, (*at, name), faults)
    settings["syslog"] = _syslog(appliance.get("syslog"), (*at, "syslog"), faults)
    ssh = _mapping(appliance.get("ssh", {}), (*at, "ssh"), faults)
    if "keys" in ssh:
        faults.append(((*at, "ssh", "keys"), "unknown-member", "keys stand in ssh_authorized_keys"))
    settings["ssh"] = _section({name: value for name, value in ssh.items() if name != "keys"}, "ssh", (*at, "ssh"), faults)
    settings["ssh"]["keys"] = _each(user.get("ssh_authorized_keys", []), ("ssh_authorized_keys",), *CHECKS["keys"], faults)
    settings["network"] = _ethernets(network, faults)
    document = appliance.get("document")
    if document is not None and not isinstance(document, (str, dict)):
        faults.append(((*at, "document"), "wrong-type", "wanted a Penstock document"))
        document = None
    if faults:
        raise Faults(faults)
    return settings, document


def _section(value, name, at, faults):
    """A mapping of switches, lists of texts and one port, as DEFAULTS has it."""
    section = copy.deepcopy(DEFAULTS[name])
    given = _mapping(value, at, faults)
    _unknown(given, tuple(section), at, faults)
    for member, default in section.items():
        found = given.get(member, default)
        if isinstance(default, bool):
            section[member] = _switch(found, (*at, member), faults)
        elif isinstance(default, list):
            wanted = CHECKS[member if name != "ntp" else "ntp"]
            section[member] = _each(found, (*at, member), *wanted, faults)
        elif not (_whole(found) and 1 <= found <= 65535 and found not in PORTS_TAKEN):
            faults.append(((*at, member), "bad-value", f"found {_shown(found)}, wanted a number from 1 to 65535 but {' and '.join(map(str, PORTS_TAKEN))}"))
        else:
            section[member] = found
    return section


def _hostname(value, at, faults):
    if isinstance(value, str) and NAME.fullmatch(value) and len(value) <= HOST_LENGTH_MAX:
        return value
    faults.append((at, "bad-value", f"found {_shown(value)}, wanted a host name of at most {HOST_LENGTH_MAX} characters"))
    return DEFAULTS["hostname"]


def _fleet(value, at, faults):
    """Where a machine is to enrol; nothing here does, so it is only looked at, and kept by whoever takes the seed."""
    if value is None:
        return
    given = _mapping(value, at, faults)
    _unknown(given, ("server", "token", "ca"), at, faults)
    for name, is_good, wanted in (
        ("server", split_server, "host:port or [v6]:port"),
        ("token", FLEET_TOKEN.fullmatch, "16 to 256 visible characters"),
    ):
        found = given.get(name)
        if found is None:
            faults.append(((*at, name), "required", f'"{name}" is missing'))
        elif not (isinstance(found, str) and is_good(found)):
            # Without what was found: the token is one.
            faults.append(((*at, name), "bad-value", f"wanted {wanted}"))
    ca = given.get("ca")
    if ca is not None and not (isinstance(ca, str) and _certificates(ca)):
        faults.append(((*at, "ca"), "bad-value", "wanted certificates in PEM"))


def _syslog(value, at, faults):
    if value is None:
        return None
    given = _mapping(value, at, faults)
    _unknown(given, tuple(SYSLOG), at, faults)
    server, ca = given.get("server"), given.get("ca")
    if server is None:
        faults.append(((*at, "server"), "required", '"server" is missing'))
    elif not (isinstance(server, str) and split_server(server)):
        faults.append(((*at, "server"), "bad-value", f"found {_shown(server)}, wanted host:port or [v6]:port"))
    if ca is not None and not (isinstance(ca, str) and _certificates(ca)):
        faults.append(((*at, "ca"), "bad-value", "wanted certificates in PEM"))
    return {"server": server, "ca": ca}


def split_server(text):
    """Host and port of host:port, or nothing."""
    found = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\[\]]+)):([0-9]{1,5})", text)
    if not found or not 1 <= int(found[3]) <= 65535:
        return None
    host = found[1] or found[2]
    return (host, int(found[3])) if (_address(host) if found[1] else _name_or_address(host)) else None


def _certificates(text):
    if len(text) > PEM_LENGTH_MAX or not PEM.fullmatch(text):
        return False
    return _parses(lambda pem: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem), text)


def _link(value, at, faults):
    given = _mapping(value, at, faults)
    _unknown(given, tuple(LINK), at, faults)
    link = {**copy.deepcopy(LINK), **{name: given[name] for name in LINK if name in given}}
    routes = _list(link["routes"], (*at, "routes"), faults)
    link["routes"] = []
    for i, route in enumerate(routes):
        place = (*at, "routes", i)
        route = _mapping(route, place, faults)
        _unknown(route, ("to", "via"), place, faults)
        to, via = route.get("to"), route.get("via")
        if not (isinstance(to, str) and _network(to)):
            faults.append(((*place, "to"), "bad-value", f"found {_shown(to)}, wanted a network such as 10.0.0.0/8"))
        if not (isinstance(via, str) and _address(via)):
            faults.append(((*place, "via"), "bad-value", f"found {_shown(via)}, wanted an address"))
        link["routes"].append({"to": to, "via": via})
    _check_link(link, at, {name: (*at, name) for name in LINK}, faults)
    return link


def _ethernets(network, faults):
    """Links as netplan's version 2 has them."""
    root = ("network-config",)
    network = _mapping(network, root, faults)
    # cloud-init's own wrapping, as some writers of seeds have it.
    network = _mapping(network.get("network", network), (*root, "network"), faults)
    if not network:
        return []
    if network.get("version") != 2:
        faults.append(((*root, "version"), "bad-value", f"found {_shown(network.get('version'))}, wanted 2"))
    _unknown(network, ("version", "ethernets"), root, faults)
    found = []
    for name, ethernet in _mapping(network.get("ethernets", {}), (*root, "ethernets"), faults).items():
        at = (*root, "ethernets", name)
        ethernet = _mapping(ethernet, at, faults)
        _unknown(ethernet, ("match", "dhcp4", "dhcp6", "addresses", "gateway4", "gateway6", "routes", "nameservers", "mtu"), at, faults)
        match = _mapping(ethernet.get("match", {"name": name}), (*at, "match"), faults)
        _unknown(match, ("name", "macaddress"), (*at, "match"), faults)
        servers = _mapping(ethernet.get("nameservers", {}), (*at, "nameservers"), faults)
        _unknown(servers, ("addresses", "search"), (*at, "nameservers"), faults)
        link = {
            "name": match.get("name"),
            "mac": match.get("macaddress"),
            "dhcp4": ethernet.get("dhcp4", False),
            "dhcp6": ethernet.get("dhcp6", False),
            "addresses": ethernet.get("addresses", []),
            "gateways": [ethernet[gateway] for gateway in ("gateway4", "gateway6") if gateway in ethernet],
            "dns": servers.get("addresses", []),
            "search": servers.get("search", []),
            "routes": [],
            "mtu": ethernet.get("mtu"),
        }
        for i, route in enumerate(_list(ethernet.get("routes", []), (*at, "routes"), faults)):
            place = (*at, "routes", i)
            route = _mapping(route, place, faults)
            _unknown(route, ("to", "via"), place, faults)
            to, via = route.get("to"), route.get("via")
            if not (isinstance(via, str) and _address(via)) or not (to == "default" or isinstance(to, str) and _network(to)):
                faults.append((place, "bad-value", "wanted to (default or a network) and via (an address)"))
            elif to == "default":
                link["gateways"].append(via)
            else:
                link["routes"].append({"to": to, "via": via})
        places = {
            "name": (*at, "match", "name"),
            "mac": (*at, "match", "macaddress"),
            "gateways": (*at, "gateway"),
            "dns": (*at, "nameservers", "addresses"),
            "search": (*at, "nameservers", "search"),
        }
        _check_link(link, at, {**{member: (*at, member) for member in LINK}, **places}, faults)
        found.append(link)
    return found


def _check_link(link, at, places, faults):
    name, mac, mtu = link["name"], link["mac"], link["mtu"]
    if name is None and mac is None:
        faults.append((at, "required", "wanted the name of an interface or its MAC address"))
    if name is not None and not (isinstance(name, str) and INTERFACE.fullmatch(name)):
        faults.append((places["name"], "bad-value", f"found {_shown(name)}, wanted the name of an interface, * allowed"))
    if mac is not None and not (isinstance(mac, str) and MAC.fullmatch(mac)):
        faults.append((places["mac"], "bad-value", f"found {_shown(mac)}, wanted six pairs of hexadecimal digits with colons"))
    for switch in ("dhcp4", "dhcp6"):
        link[switch] = _switch(link[switch], places[switch], faults)
    for member in ("addresses", "gateways", "dns", "search"):
        link[member] = _each(link[member], places[member], *CHECKS["servers" if member == "dns" else member], faults)
    if mtu is not None and not (_whole(mtu) and 576 <= mtu <= 65535):
        faults.append((places["mtu"], "bad-value", f"found {_shown(mtu)}, wanted a number from 576 to 65535"))


def _mapping(value, at, faults):
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
        faults.append((at, "wrong-type", f"found {type(value).__name__}, wanted a mapping"))
        return {}
    return value


def _list(value, at, faults):
    if not isinstance(value, list) or len(value) > LIST_MAX:
        faults.append((at, "wrong-type", f"found {_shown(value) if isinstance(value, str) else type(value).__name__}, wanted a list of at most {LIST_MAX}"))
        return []
    return value


def _each(values, at, is_good, wanted, faults):
    good = []
    for i, value in enumerate(_list(values, at, faults)):
        if isinstance(value, str) and is_good(value):
            good.append(value)
        else:
            faults.append(((*at, i), "bad-value", f"found {_shown(value)}, wanted {wanted}"))
    return good


def _switch(value, at, faults):
    if isinstance(value, bool):
        return value
    faults.append((at, "wrong-type", f"found {_shown(value)}, wanted true or false"))
    return False


def _unknown(mapping, known, at, faults):
    faults += [((*at, name), "unknown-member", f"{_shown(name)} is not known. Known: {', '.join(known)}") for name in mapping if name not in known]


def _shown(value):
    if not isinstance(value, (str, bool, int, float, type(None))):
        return type(value).__name__
    try:
        text = ascii(value)
    except ValueError:
        text = "a number of too many digits"
    return text if len(text) <= 80 else text[:77] + "..."


def _whole(value):
    return isinstance(value, int) and not isinstance(value, bool)


def _parses(parse, text):
    try:
        parse(text)
        return True
    except ValueError:
        return False
    except ssl.SSLError:
        return False


def _address(text):
    return bool(ADDRESS.fullmatch(text)) and _parses(ipaddress.ip_address, text)


def _network(text):
    return bool(ADDRESS.fullmatch(text)) and _parses(ipaddress.ip_network, text) and not _is_mapped(text)


def _is_mapped(text):
    """The gateway takes such an address for the IPv4 address in it, whose prefix it could not be."""
    return getattr(ipaddress.ip_network(text).network_address, "ipv4_mapped", None) is not None


def _interface_address(text):
    return bool(ADDRESS.fullmatch(text)) and "/" in text and _parses(ipaddress.ip_interface, text)


def _name(text):
    return len(text) <= NAME_LENGTH_MAX and bool(NAME.fullmatch(text))


def _name_or_address(text):
    # "10.0.0.300" is a mistyped address, not a name.
    return _address(text) or _name(text) and not re.fullmatch(r"[0-9.]+", text)


CHECKS = {
    "servers": (_address, "an address"),
    "search": (_name, "a domain"),
    "ntp": (_name_or_address, "a name or an address"),
    "keys": (KEY.fullmatch, "an OpenSSH public key"),
    "sources": (_network, "a network such as 10.0.0.0/8"),
    "addresses": (_interface_address, "an address with its prefix such as 192.0.2.7/24"),
    "gateways": (_address, "an address"),
}
