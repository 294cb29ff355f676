package io.penstock.metrics;

/** Hears every line that an access log writes. */
@FunctionalInterface
public interface AccessLogTap {
    /**
     * Takes one line. The access log's thread calls it; it must return at once, and copy what it keeps.
     *
     * @param log the access log's name
     * @param bytes whose first {@code length} are the line, its end included
     */
    void line(String log, byte[] bytes, int length);
}
