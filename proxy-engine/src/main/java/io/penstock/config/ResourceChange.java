package io.penstock.config;

import java.util.Optional;

/**
 * What became of one resource between two configurations.
 *
 * @param ref which one
 * @param before absent if it is new
 * @param after absent if it is gone
 */
public record ResourceChange(ResourceRef ref, Optional<Resource> before, Optional<Resource> after) {}
