package io.penstock.transport;

import java.net.InetAddress;

/**
 * One address of a name.
 *
 * @param address IPv4 or IPv6
 * @param ttlSeconds for how long the server lets it be kept, at least 0; a day for one out of the hosts file
 */
public record DnsAddress(InetAddress address, long ttlSeconds) {}
