package io.penstock.transport;

/**
 * Native memory of a transport's loops at one moment.
 *
 * @param reservedBytes taken from the system
 * @param usedBytes in buffers that are in use; those waiting in an io_uring buffer ring count
 */
public record TransportMemory(long reservedBytes, long usedBytes) {}
