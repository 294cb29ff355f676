package io.penstock.admin.store;

import java.time.Instant;

/**
 * A role that operators made.
 *
 * @param name as tokens name it
 * @param description one sentence
 * @param grants what it allows, as a JSON array
 */
public record RoleRecord(String name, String description, String grants, Instant created, String createdBy) {}
