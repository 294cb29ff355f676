package io.penstock.admin.machine;

import io.penstock.config.ConfigProblem;
import io.penstock.config.Default;
import io.penstock.config.Doc;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** How a link, or several of a kind, get to the network. */
@Doc("How a link gets to the network.")
public record SystemLink(
        @Doc("The interface's name; * stands for anything.") Optional<String> name,
        @Doc("Its MAC address.") Optional<String> mac,

        @Doc("Asks DHCP for an IPv4 address.") @Default("false")
        boolean dhcp4,

        @Doc("Asks DHCP for an IPv6 address.") @Default("false")
        boolean dhcp6,

        @Doc("Fixed addresses, each with its prefix: 192.0.2.7/24.")
        List<String> addresses,

        @Doc("The ways to everywhere else, one of a kind.") List<String> gateways,
        @Doc("Name servers.") List<String> dns,
        @Doc("Domains in which short names are looked for.") List<String> search,
        @Doc("Ways to certain networks.") List<SystemRoute> routes,
        @Doc("The longest packet in bytes, 576 to 65535.") Optional<Integer> mtu) {
    private static final Pattern INTERFACE = Pattern.compile("[A-Za-z0-9_.*?\\[\\]-]{1,15}");
    private static final Pattern MAC = Pattern.compile("([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}");
    private static final int MTU_MIN = 576;
    private static final int MTU_MAX = 65535;

    public SystemLink {
        addresses = List.copyOf(addresses);
        gateways = List.copyOf(gateways);
        dns = List.copyOf(dns);
        search = List.copyOf(search);
        routes = List.copyOf(routes);
        SettingChecks checks = new SettingChecks();
        if (name.isEmpty() && mac.isEmpty()) {
            checks.fault("", ConfigProblem.REQUIRED, "wanted the \"name\" of an interface or its \"mac\" address");
        }
        name.ifPresent(text ->
                checks.require(INTERFACE.matcher(text).matches(), "name", text, "the name of an interface, * allowed"));
        mac.ifPresent(text -> checks.require(
                MAC.matcher(text).matches(), "mac", text, "six pairs of hexadecimal digits with colons"));
        mtu.ifPresent(bytes ->
                checks.require(bytes >= MTU_MIN && bytes <= MTU_MAX, "mtu", bytes + "", MTU_MIN + " to " + MTU_MAX));
        checks.each(
                        "addresses",
                        addresses,
                        SystemLink::isInterfaceAddress,
                        "an address with its prefix such as 192.0.2.7/24")
                .each("gateways", gateways, SettingChecks::isAddress, "an address")
                .each("dns", dns, SettingChecks::isAddress, "an address")
                .each("search", search, SettingChecks::isName, "a domain")
                .count("routes", routes.size())
                .end();
    }

    private static boolean isInterfaceAddress(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("0|[1-9][0-9]{0,2}")) {
            return false;
        }
        String address = text.substring(0, slash);
        int bits = Integer.parseInt(text.substring(slash + 1));
        return SettingChecks.isAddress(address) && bits <= (address.indexOf(':') < 0 ? 32 : 128);
    }
}
