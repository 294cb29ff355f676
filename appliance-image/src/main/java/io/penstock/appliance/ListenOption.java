package io.penstock.appliance;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** An address to listen on as a command line has it: {@code host:port} or {@code [v6]:port}; port 0 lets the system choose. */
final class ListenOption {
    private static final int PORT_MAX = 65535;

    private ListenOption() {}

    static InetSocketAddress parse(String option, String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 1 ? "" : text.substring(0, colon);
        String port = text.substring(colon + 1);
        boolean isBracketed = host.startsWith("[") && host.endsWith("]");
        if (isBracketed) {
            host = host.substring(1, host.length() - 1);
        }
        boolean isSound = !host.isEmpty()
                && port.matches("[0-9]{1,5}")
                && Integer.parseInt(port) <= PORT_MAX
                && (isBracketed || host.indexOf(':') < 0);
        if (!isSound) {
            throw new IllegalArgumentException(
                    option + ": found \"" + text + "\", wanted HOST:PORT, for example 127.0.0.1:8081 or [::1]:8081");
        }
        try {
            return new InetSocketAddress(InetAddress.getByName(host), Integer.parseInt(port));
        } catch (UnknownHostException unknown) {
            throw new IllegalArgumentException(
                    option + ": the name " + host + " is not known. Give an IP address, for example 127.0.0.1:8081",
                    unknown);
        }
    }
}
