package io.penstock.config;

import java.util.List;

/** Which requests a backend gets before all weights: every condition written must hold. */
public record BackendConditions(
        @Doc("Conditions on headers: exact, present or absent.")
        List<FieldMatch> headers,

        @Doc("Conditions on cookies: exact, present or absent; names in their case.")
        List<FieldMatch> cookies) {
    public BackendConditions {
        headers = List.copyOf(headers);
        cookies = List.copyOf(cookies);
    }

    /** Conditions on headers. */
    public static BackendConditions headers(FieldMatch... conditions) {
        return new BackendConditions(List.of(conditions), List.of());
    }

    /** Conditions on cookies. */
    public static BackendConditions cookies(FieldMatch... conditions) {
        return new BackendConditions(List.of(), List.of(conditions));
    }
}
