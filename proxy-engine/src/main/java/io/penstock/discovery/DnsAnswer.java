package io.penstock.discovery;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/**
 * What the name service said.
 *
 * @param addresses A and AAAA records, at least one
 * @param ttl how long it may be kept, the shortest of the records'
 */
public record DnsAnswer(List<InetAddress> addresses, Duration ttl) {
    public DnsAnswer {
        addresses = List.copyOf(addresses);
    }
}
