package io.penstock.perf.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a run was asked for, read from system properties {@code load.*} as load.py sets them.
 *
 * @param url the gateway's listener, without a path, e.g. {@code http://box:8080}
 * @param secureUrl its listener for TLS and HTTP/2, without a path; empty: suites that need one cannot run
 * @param direct the upstream itself, without a path; empty: no run beside the proxied one
 * @param path what is asked for when the run sets up no routes of its own
 * @param admin the admin API; empty: the gateway's configuration is the user's and stays as it is
 * @param token a token of the admin API, empty exactly if {@code admin} is
 * @param rate requests a second of the steady state
 * @param rateMax where a ramp ends at the latest, in requests a second
 * @param seconds length of the phase that counts
 * @param warmSeconds length of the phase before it, which no gate looks at
 * @param errorPercentMax share of requests that may fail
 * @param p99MsMax the gate on the 99th percentile of the response time
 * @param editsPerSecond revisions a second where the configuration changes under load
 * @param isShort whether the run is to show that the suite works, not what the gateway can do
 * @param isSabotaged whether what no broken upstream can break is to be broken, so that every gate has a reason to fail
 * @param gatewayPid the gateway's process, if it is on this machine and known
 * @param facts where a suite writes what Gatling's statistics do not hold
 */
record Plan(
        String url,
        Optional<String> secureUrl,
        Optional<String> direct,
        String path,
        Optional<String> admin,
        String token,
        double rate,
        double rateMax,
        int seconds,
        int warmSeconds,
        double errorPercentMax,
        int p99MsMax,
        double editsPerSecond,
        boolean isShort,
        boolean isSabotaged,
        Optional<Long> gatewayPid,
        Path facts) {

    static Plan read() {
        return new Plan(
                word("url").orElseThrow(() -> new IllegalArgumentException("no -Dload.url: start suites by load.py")),
                word("secureUrl"),
                word("direct"),
                word("path").orElse("/"),
                word("admin"),
                word("tokenFile").map(Plan::content).orElse(""),
                number("rate"),
                number("rateMax"),
                (int) number("seconds"),
                (int) number("warmSeconds"),
                number("errorPercentMax"),
                (int) number("p99MsMax"),
                number("editsPerSecond"),
                Boolean.getBoolean("load.short"),
                Boolean.getBoolean("load.sabotaged"),
                word("gatewayPid").map(Long::valueOf),
                Path.of(word("facts").orElse("facts.json")));
    }

    private static Optional<String> word(String name) {
        return Optional.ofNullable(System.getProperty("load." + name)).filter(value -> !value.isEmpty());
    }

    private static double number(String name) {
        return Double.parseDouble(
                word(name).orElseThrow(() -> new IllegalArgumentException("no -Dload." + name + ": use load.py")));
    }

    private static String content(String file) {
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException failed) {
            throw new UncheckedIOException("the token file " + file, failed);
        }
    }
}
