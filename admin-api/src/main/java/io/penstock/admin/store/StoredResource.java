package io.penstock.admin.store;

/**
 * One resource as it is kept.
 *
 * @param json canonical JSON on one line
 * @param lastChanged the revision that last changed it: the source of its {@code ETag}
 */
public record StoredResource(String json, long lastChanged) {}
