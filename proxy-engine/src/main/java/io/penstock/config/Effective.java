package io.penstock.config;

/**
 * A value and where it was written.
 *
 * @param value the value
 * @param from where it was written
 */
public record Effective<T>(T value, Origin from) {}
