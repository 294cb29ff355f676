package io.penstock.perf.load;

/** A steady rate, and the same rate to the upstream itself beside it: what the gateway adds. */
public final class Baseline extends Suite {
    public Baseline() {
        gate("");
        run(warmUp("/baseline", "").andThen(array(pair("", "/baseline", plan.rate()))));
    }
}
