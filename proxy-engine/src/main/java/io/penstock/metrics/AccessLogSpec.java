package io.penstock.metrics;

import java.nio.file.Path;

/**
 * One access log: what it writes and where.
 *
 * @param maxBytes the file is rotated before it grows beyond this
 * @param keep how many files there are at most, the present one included
 */
public record AccessLogSpec(String name, AccessLogFormat format, Path file, long maxBytes, int keep) {
    public AccessLogSpec {
        file = file.toAbsolutePath().normalize();
        if (maxBytes < 1 || keep < 1) {
            throw new IllegalArgumentException("access log \"" + name
                    + "\": maxBytes and keep must be at least 1, found " + maxBytes + " and " + keep);
        }
    }

    /** The same, whose file grows without a bound. */
    public AccessLogSpec withoutRotation() {
        return new AccessLogSpec(name, format, file, Long.MAX_VALUE, keep);
    }
}
