package io.penstock.admin.revision;

/** Whether the actor of an edit may make a change; asked for every part the edit would change, both sides known. */
@FunctionalInterface
public interface ChangeAuthority {

    boolean mayMake(PartChange change);

    /** The system's own changes, such as a revert. */
    static ChangeAuthority all() {
        return change -> true;
    }
}
