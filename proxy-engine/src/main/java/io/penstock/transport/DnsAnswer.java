package io.penstock.transport;

import java.util.List;

/** What asking for the addresses of a name came to. */
public sealed interface DnsAnswer {
    /** The name has addresses; never empty, IPv4 first, otherwise in the server's order. */
    record Found(List<DnsAddress> addresses) implements DnsAnswer {
        public Found {
            addresses = List.copyOf(addresses);
        }
    }

    /** The server says that there is no such name (NXDOMAIN). */
    record NoSuchName() implements DnsAnswer {}

    /** The name exists, and has no address of either family. */
    record NoAddress() implements DnsAnswer {}

    /** No server answered in time. */
    record TimedOut() implements DnsAnswer {}

    /** Anything else: a server that failed, refused or could not be reached, or a name that is none. */
    record Failed(String detail) implements DnsAnswer {}
}
