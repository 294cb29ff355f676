package io.penstock.admin.access;

/** What a role may allow to do with a type of resource. */
public enum Verb {
    /** See it. */
    READ("read"),
    /** Create, change and remove it. */
    WRITE("write"),
    /** Change its state without changing what is written: drain, health, confirm, flush. */
    OPERATE("operate");

    private final String text;

    Verb(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }
}
