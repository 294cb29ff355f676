package io.penstock.appliance;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

/**
 * Asks whether an address is free, by binding it for a moment without SO_REUSEPORT. Done for the gateway's own addresses
 * before anything else is started, so that a second start by mistake ends at once and in one sentence.
 */
final class AddressProbe {
    private AddressProbe() {}

    static void requireFree(String what, String option, InetSocketAddress address) throws StartFailure {
        if (address.isUnresolved()) {
            throw new StartFailure(
                    StartFailure.Kind.OTHER,
                    what + ": the name " + address.getHostString() + " is not known. Give an IP address with " + option
                            + ".");
        }
        try (ServerSocket probe = new ServerSocket()) {
            // Or the last connections of a gateway that has just stopped would keep its next start out for a minute.
            probe.setReuseAddress(true);
            probe.bind(address, 1);
        } catch (BindException taken) {
            boolean isInUse = String.valueOf(taken.getMessage()).contains("in use");
            throw new StartFailure(
                    isInUse ? StartFailure.Kind.ADDRESS_IN_USE : StartFailure.Kind.OTHER,
                    what + ": " + text(address)
                            + (isInUse
                                    ? " is served by someone already"
                                    : " cannot be listened on: " + taken.getMessage())
                            + ". Choose another address with " + option + " HOST:PORT"
                            + (isInUse ? ", or stop who serves it." : "."),
                    taken);
        } catch (IOException failed) {
            throw new StartFailure(
                    StartFailure.Kind.OTHER,
                    what + ": " + text(address) + " cannot be listened on: " + failed.getMessage() + ". Choose another"
                            + " address with " + option + " HOST:PORT.",
                    failed);
        }
    }

    static String text(SocketAddress address) {
        return switch (address) {
            case InetSocketAddress inet -> text(inet);
            case UnixDomainSocketAddress unix -> "unix:" + unix.getPath();
            default -> address.toString();
        };
    }

    private static String text(InetSocketAddress address) {
        String host = address.isUnresolved()
                ? address.getHostString()
                : address.getAddress().getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
