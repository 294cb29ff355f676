package io.penstock.config;

/** A refusal that is no real one. */
public record FaultAbort(
        @Doc("What the client sees, 400 to 599.") @Default("503")
        int status,

        @Doc("The part of the requests that are refused.") @Default("100%")
        Share share) {
    public FaultAbort {
        new ValueChecks().between("status", status, 400, 599).end();
    }
}
