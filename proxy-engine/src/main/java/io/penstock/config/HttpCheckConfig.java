package io.penstock.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** A request that a target has to answer. */
public record HttpCheckConfig(
        @Doc("What is asked for with GET, a query included.") @Default("/")
        String path,

        @Doc("How long from one check of a target to the next; a tenth more or less by chance.") @Default("5s")
        Duration interval,

        @Doc("How long the connection and the answer's head may take together.") @Default("1s")
        Duration timeout,

        @Doc("Good checks in a row that make an unhealthy target healthy.") @Default("2")
        int healthyAfter,

        @Doc("Bad checks in a row that make a healthy target unhealthy.") @Default("3")
        int unhealthyAfter,

        @Doc("Statuses of a good answer: 204, 2xx or 200-399.") @Default("2xx")
        List<StatusRange> expectedStatuses,

        @Doc("The value of Host; the target's address if absent.")
        Optional<String> host) {
    private static final int STATUSES_MAX = 32;
    private static final Pattern PATH = Pattern.compile("/[\\x21-\\x7e]{0,2047}");

    public HttpCheckConfig {
        expectedStatuses = List.copyOf(expectedStatuses);
        CheckPace.check(interval, timeout, healthyAfter, unhealthyAfter)
                .require(
                        PATH.matcher(path).matches(),
                        "path",
                        "found \"" + ValueText.shown(path)
                                + "\", wanted a path of at most 2048 visible characters that begins with /")
                .between("expectedStatuses", expectedStatuses.size(), 1, STATUSES_MAX)
                .require(
                        host.map(Grammar::isAuthority).orElse(true),
                        "host",
                        "found \"" + ValueText.shown(host.orElse("")) + "\", wanted a host with an optional port")
                .end();
    }
}
