package io.penstock.config;

import io.penstock.config.Problems.Scope;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What every resource must keep by itself, whatever else is configured. */
final class ResourceRules {
    private static final Pattern LOG_FIELDS = Pattern.compile("[^{}]*(\\{[A-Za-z0-9_.:-]+}[^{}]*)+");

    private ResourceRules() {}

    static void check(Resource resource, Scope at) {
        switch (resource) {
            case RouteConfig route -> {
                RouteRules.check(route, at);
                checkLevel(route, Optional.of(RouteRules.parameters(route)), at);
            }
            case ServiceConfig service -> checkLevel(service, Optional.empty(), at);
            case ApiGroupConfig group -> checkLevel(group, Optional.empty(), at);
            case PolicyConfig policy -> checkLevel(policy, Optional.empty(), at);
            case UpstreamConfig upstream -> UpstreamRules.check(upstream, at);
            case ListenerConfig listener -> checkListener(listener, at);
            case LimitConfig limit -> LimitRules.check(limit, at);
            case BackendGrantConfig grant -> checkGrant(grant, at);
            case AccessLogConfig log -> checkLog(log, at);
            case NetworkConfig network -> {}
            case SecretConfig secret -> {}
            case ConsumerGroupConfig group -> RouteRules.checkDistinct(group.limits(), at.in("limits"));
            case ErrorPageConfig page -> checkErrorPage(page, at);
            case ConsumerConfig consumer -> ConsumerRules.check(consumer, at);
            case CertificateConfig certificate -> TlsRules.check(certificate, at);
            case CaBundleConfig bundle -> TlsRules.check(bundle, at);
            case TlsPolicyConfig policy -> TlsRules.check(policy, at);
            case AcmeAccountConfig account -> RouteRules.checkDistinct(account.contact(), at.in("contact"));
        }
    }

    static void check(Defaults defaults, Scope at) {
        checkLevel(defaults, Optional.empty(), at);
    }

    /** @param parameters what paths of the level's route hold; empty where any route may be meant */
    private static void checkLevel(LevelConfig level, Optional<Set<String>> parameters, Scope at) {
        RouteRules.checkDistinct(level.limits(), at.in("limits"));
        RouteRules.checkDistinct(level.policies(), at.in("policies"));
        FilterRules.check(level.filters(), parameters, at.in("filters"));
        AuthRules.check(level.auth(), at.in("auth"));
        level.errorPages().value().ifPresent(names -> RouteRules.checkDistinct(names, at.in("errorPages")));
        level.cors().value().ifPresent(cors -> CorsRules.check(cors, at.in("cors")));
        level.admission().value().ifPresent(admission -> AdmissionRules.check(admission, at.in("admission")));
        level.identityHeaders().value().ifPresent(headers -> headers.check(at.in("identityHeaders")));
    }

    private static void checkListener(ListenerConfig listener, Scope at) {
        if (listener.proxyProtocol() != ProxyProtocolMode.OFF
                && listener.clientAddress().trusted().isEmpty()
                && !(listener.address() instanceof ListenAddress.Unix)) {
            at.in("clientAddress")
                    .in("trusted")
                    .add(
                            ConfigProblem.REQUIRED,
                            "proxyProtocol is " + listener.proxyProtocol().text()
                                    + " and nobody is trusted to send a header",
                            "name the addresses of the proxies before this listener, for example [\"10.0.0.0/8\"]");
        }
        if (listener.networks().isEmpty()) {
            at.in("networks")
                    .add(ConfigProblem.REQUIRED, "a listener belongs to a network", "leave networks out for [default]");
        }
        RouteRules.checkDistinct(listener.networks(), at.in("networks"));
        TlsRules.check(listener, at);
    }

    private static void checkGrant(BackendGrantConfig grant, Scope at) {
        if (grant.addresses().isEmpty()) {
            at.in("addresses")
                    .add(
                            ConfigProblem.REQUIRED,
                            "a grant without addresses opens nothing",
                            "name blocks of addresses, for example [\"10.0.0.0/8\"]");
        }
        if (grant.ports().isEmpty()) {
            at.in("ports")
                    .add(ConfigProblem.REQUIRED, "a grant without ports opens nothing", "leave ports out for all");
        }
        for (int i = 0; i < grant.ports().size(); i++) {
            if (!PortRange.isReadable(grant.ports().get(i))) {
                at.in("ports")
                        .in(i)
                        .add(
                                ConfigProblem.BAD_VALUE,
                                "found ports \"" + ValueText.shown(grant.ports().get(i))
                                        + "\", wanted a port or a range of 1 to 65535",
                                "for example \"443\" or \"8000-8999\"");
            }
        }
    }

    private static void checkErrorPage(ErrorPageConfig page, Scope at) {
        if (page.covers().isEmpty()) {
            at.in("for")
                    .add(
                            ConfigProblem.REQUIRED,
                            "an error page for no error is never shown",
                            "for example [404, 5xx, \"reason:rate-limited\"]");
        }
        if (page.html().isEmpty() && page.json().isEmpty()) {
            at.add(
                    ConfigProblem.REQUIRED,
                    "found neither html nor json, wanted at least one",
                    "write the page, or {file: page.html} beside the document");
        }
        RouteRules.checkDistinct(page.covers().stream().map(ErrorMatch::text).toList(), at.in("for"));
    }

    private static void checkLog(AccessLogConfig log, Scope at) {
        String format = log.format();
        boolean isNamed = format.equals("json") || format.equals("common");
        if (!isNamed
                && (format.length() > 4096
                        || format.chars().anyMatch(c -> c < 0x20 && c != '\t')
                        || !LOG_FIELDS.matcher(format).matches())) {
            at.in("format")
                    .add(
                            ConfigProblem.BAD_VALUE,
                            "found format \"" + ValueText.shown(format)
                                    + "\", wanted json, common, or one line of text with {fields}",
                            Spelling.nearest(format, List.of("json", "common"))
                                    .map(near -> "did you mean \"" + near + "\"?")
                                    .orElse("for example \"{clientAddress} {method} {path} {status}\""));
        }
        log.sink().file().ifPresent(file -> {
            Set<String> segments = new HashSet<>(List.of(file.split("/", -1)));
            if (file.isEmpty()
                    || file.length() > 1024
                    || file.endsWith("/")
                    || segments.contains("..")
                    || file.chars().anyMatch(Character::isISOControl)) {
                at.in("sink")
                        .in("file")
                        .add(
                                ConfigProblem.BAD_VALUE,
                                "found file \"" + ValueText.shown(file) + "\", wanted a path of a file without \"..\"",
                                "for example \"orders.log\", which stands in the data folder's log/");
            }
        });
    }
}
