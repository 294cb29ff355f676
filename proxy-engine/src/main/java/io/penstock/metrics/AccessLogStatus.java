package io.penstock.metrics;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How an access log fares.
 *
 * @param records lines given to the file since the log was opened
 * @param dropped lines that its file could not take and its buffer could not hold
 * @param rotations how often the file was rotated
 * @param fault why the file cannot be written or rotated now, empty while all is well
 */
public record AccessLogStatus(
        String name, Path file, long records, long bytes, long dropped, long rotations, Optional<String> fault) {}
