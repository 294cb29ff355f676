package io.penstock.config;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** Asks another server about each request, by its head alone: an answer of 2xx lets it pass, 401, 403 and redirects go to the client. */
@TypeTag("forwardAuth")
public record ForwardAuthConfig(
        @Doc("Where it is asked, an https URL, or an http one on this machine; either this or service.")
        Optional<String> url,

        @Doc("The service that is asked, by its upstream's balancing and health; either this or url.")
        Optional<String> service,

        @Doc("What a service is asked for.") @Default("/") String path,

        @Doc("Whether url may be reached in clear text beyond this machine.") @Default("false")
        boolean insecure,

        @Doc("How TLS is spoken with an https url, as with the targets of upstreams; with what is usual if absent.")
        Optional<UpstreamTlsConfig> tls,

        @Doc("Headers of the request that are sent there.") @Default("Authorization, Cookie")
        List<String> requestHeaders,

        @Doc(
                "Headers of an answer of 2xx that go on to the upstream; what a client sends under these names never does.")
        List<String> responseHeaders,

        @Doc("Headers of any other answer that go to the client.")
        @Default("Location, WWW-Authenticate, Set-Cookie, Content-Type, Cache-Control")
        List<String> answerHeaders,

        @Doc("The header of an answer of 2xx whose value is the name of a consumer, which then has to exist.")
        Optional<String> consumerHeader,

        @Doc("The header of an answer of 2xx that says who calls, where consumerHeader names nobody.")
        Optional<String> subjectHeader,

        @Doc("How long an answer may take.") @Default("2s") Duration timeout,

        @Doc("About how many requests each worker asks at once; one beyond is refused.") @Default("256")
        int concurrency,

        @Doc("Whether requests pass where no answer came, or none that says yes or no.") @Default("false")
        boolean failOpen,

        @Doc("Whether the entry takes part.") @Default("true")
        boolean enabled)
        implements AuthConfig {
    private static final int NAMES_MAX = 64;
    private static final int NAME_CHARS_MAX = 128;
    private static final int CONCURRENCY_MAX = 2048;

    /** The gateway's own words in every message. */
    private static final Set<String> OURS = Set.of(
            "host",
            "content-length",
            "transfer-encoding",
            "connection",
            "keep-alive",
            "upgrade",
            "te",
            "trailer",
            "expect",
            "proxy-connection",
            "x-consumer-name",
            "x-consumer-groups",
            "x-consumer-subject");

    public ForwardAuthConfig {
        requestHeaders = List.copyOf(requestHeaders);
        responseHeaders = List.copyOf(responseHeaders);
        answerHeaders = List.copyOf(answerHeaders);
        ValueChecks checks = new ValueChecks()
                .require(
                        url.isPresent() != service.isPresent(),
                        "url",
                        "found " + (url.isPresent() ? "both url and service" : "neither url nor service")
                                + ", wanted one of them")
                .require(
                        path.startsWith("/")
                                && path.length() <= 2048
                                && path.chars().allMatch(c -> c > 0x20 && c < 0x7f),
                        "path",
                        "found \"" + ValueText.shown(path) + "\", wanted a path that begins with /")
                .between("timeout", timeout, Duration.ofMillis(1), Duration.ofSeconds(30))
                .between("concurrency", concurrency, 1, CONCURRENCY_MAX);
        boolean isInsecure = insecure;
        Optional<UpstreamTlsConfig> spoken = tls;
        url.ifPresent(address -> OwnUrl.check(checks, "url", address, isInsecure, spoken));
        checks.require(
                url.isPresent() || tls.isEmpty(),
                "tls",
                "found how TLS is spoken with a service, wanted it at the service's upstream");
        checkNames(checks, "requestHeaders", requestHeaders);
        checkNames(checks, "responseHeaders", responseHeaders);
        checkNames(checks, "answerHeaders", answerHeaders);
        consumerHeader.ifPresent(name -> checkName(checks, "consumerHeader", name));
        subjectHeader.ifPresent(name -> checkName(checks, "subjectHeader", name));
        checks.end();
    }

    private static void checkNames(ValueChecks checks, String member, List<String> names) {
        checks.count(member, "headers", names.size(), NAMES_MAX);
        for (int i = 0; i < names.size(); i++) {
            checkName(checks, member + "/" + i, names.get(i));
        }
    }

    private static void checkName(ValueChecks checks, String member, String name) {
        checks.require(
                Grammar.isToken(name)
                        && name.length() <= NAME_CHARS_MAX
                        && !OURS.contains(name.toLowerCase(Locale.ROOT)),
                member,
                "found \"" + ValueText.shown(name) + "\", wanted a header's name of at most " + NAME_CHARS_MAX
                        + " characters, and none that the gateway writes itself");
    }

    @Override
    public Optional<UpstreamTlsConfig> ownTls() {
        return url.flatMap(address -> OwnUrl.tls(address, tls));
    }

    @Override
    public Optional<String> exposedUrl() {
        return url.filter(OwnUrl::isExposed);
    }

    @Override
    public List<String> headersSet() {
        return Stream.of(responseHeaders.stream(), consumerHeader.stream(), subjectHeader.stream())
                .flatMap(Function.identity())
                .toList();
    }
}
