package io.penstock.config;

/**
 * One place where a resource is named.
 *
 * @param user who names it
 * @param pointer JSON Pointer of the name, relative to the user
 */
public record ResourceUse(ResourceRef user, String pointer) {}
