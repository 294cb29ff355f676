package io.penstock.config;

/**
 * One resource named by another.
 *
 * @param type the type of what is named
 * @param name its name
 * @param pointer JSON Pointer of the name, relative to the resource that names it
 */
public record Reference(ResourceType type, String name, String pointer) {}
