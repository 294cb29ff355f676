package io.penstock.admin.access;

import java.util.List;

/** What became of a wish about roles. */
public sealed interface RoleResult {

    /** A role was made. */
    record Made(Role role) implements RoleResult {}

    /** A role was removed. */
    record Removed(Role role) implements RoleResult {}

    /** There is no such role: 404. */
    record NotFound(String name) implements RoleResult {}

    /** There is a role of this name, which tokens may have: 409. */
    record Exists(String name) implements RoleResult {}

    /** A role that is built in stays: 409. */
    record BuiltIn(String name) implements RoleResult {}

    /** Active tokens have it: 409. */
    record InUse(String name, List<String> tokenIds) implements RoleResult {}

    /** Nobody gives away more than they have: 403. */
    record TooWide(String name) implements RoleResult {}

    /** As many as there may be are kept already: 409. */
    record TooMany(int countMax) implements RoleResult {}
}
