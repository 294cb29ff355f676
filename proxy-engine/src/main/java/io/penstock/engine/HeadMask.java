package io.penstock.engine;

import io.penstock.config.AllOfAuthConfig;
import io.penstock.config.ApiKeyAuthConfig;
import io.penstock.config.AuthConfig;
import io.penstock.config.BackendConfig;
import io.penstock.config.FieldMatch;
import io.penstock.config.LevelConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.ResourceType;
import io.penstock.config.RouteConfig;
import io.penstock.exchange.HeadCopy;
import io.penstock.http.AddressText;
import io.penstock.http.ByteBuilder;
import io.penstock.metrics.HeadSample;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Decides what of a kept head is shown: the one place. A header's value is shown if everyone knows what it is for and that is no credential, or
 * if a route of the configuration asks for it; all others are {@code ***}, whatever they may be. So are values of cookies and of
 * query parameters that no route asks for, and of parameters in the path. What the configuration names as the place of a credential is never shown, whoever
 * asks for it. Immutable.
 */
final class HeadMask {
    /** Stands for what is not shown. */
    static final String HIDDEN = "***";

    /** The value of a parameter of a path's part, as in {@code ;jsessionid=}. */
    private static final Pattern PATH_VALUE = Pattern.compile("(;[^;=/]*)=[^;/]*");

    private static final Set<String> KNOWN = Set.of(
            "accept",
            "accept-charset",
            "accept-encoding",
            "accept-language",
            "access-control-request-headers",
            "access-control-request-method",
            "access-control-request-private-network",
            "cache-control",
            "connection",
            "content-encoding",
            "content-language",
            "content-length",
            "content-type",
            "date",
            "dnt",
            "expect",
            "forwarded",
            "grpc-accept-encoding",
            "grpc-encoding",
            "grpc-timeout",
            "if-match",
            "if-modified-since",
            "if-none-match",
            "if-range",
            "if-unmodified-since",
            "last-event-id",
            "max-forwards",
            "origin",
            "pragma",
            "priority",
            "range",
            "save-data",
            "sec-fetch-dest",
            "sec-fetch-mode",
            "sec-fetch-site",
            "sec-fetch-user",
            "sec-websocket-version",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "upgrade-insecure-requests",
            "user-agent",
            "via",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-port",
            "x-forwarded-proto",
            "x-grpc-web",
            "x-real-ip",
            "x-request-id",
            "x-requested-with");

    private final Set<String> keyHeaders = new HashSet<>(Set.of(
            "authorization",
            "proxy-authorization",
            "cookie",
            "set-cookie",
            "signature",
            "signature-input",
            "www-authenticate"));
    private final Set<String> keyParameters = new HashSet<>();
    private final Set<String> keyCookies = new HashSet<>();
    private final Set<String> askedHeaders = new HashSet<>();
    private final Set<String> askedParameters = new HashSet<>();
    private final Set<String> askedCookies = new HashSet<>();

    HeadMask(ProxyConfig config) {
        level(config.defaults());
        for (ResourceType type : ResourceType.values()) {
            config.all(type).forEach(resource -> {
                if (resource instanceof LevelConfig level) {
                    level(level);
                }
            });
        }
        for (RouteConfig route : config.routes()) {
            route.matches().forEach(match -> {
                match.headers().forEach(field -> askedHeaders.add(lower(field.name())));
                match.query().forEach(field -> askedParameters.add(field.name()));
            });
            for (BackendConfig backend : route.backends()) {
                backend.when().ifPresent(when -> {
                    when.headers().forEach(field -> askedHeaders.add(lower(field.name())));
                    when.cookies().stream().map(FieldMatch::name).forEach(askedCookies::add);
                });
            }
        }
    }

    private void level(LevelConfig level) {
        level.auth().forEach(this::entry);
    }

    private void entry(AuthConfig entry) {
        if (entry instanceof ApiKeyAuthConfig apiKey) {
            apiKey.query().ifPresent(keyParameters::add);
            apiKey.cookie().ifPresent(keyCookies::add);
            keyHeaders.add(lower(apiKey.header().orElse(ApiKeyAuthConfig.HEADER_DEFAULT)));
        } else if (entry instanceof AllOfAuthConfig all) {
            all.allOf().forEach(this::entry);
        }
    }

    /** What is shown of a head. */
    RecordedHead shown(HeadSample sample) {
        List<String> texts = sample.texts();
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (int i = HeadCopy.FIELDS; i + 1 < texts.size(); i += 2) {
            String name = texts.get(i);
            String known = lower(name);
            if (!known.equals("host") && !known.equals("connection")) {
                headers.add(Map.entry(name, value(known, texts.get(i + 1))));
            }
        }
        if ((sample.flags() & HeadCopy.UPGRADE) != 0) {
            headers.add(Map.entry("Connection", "Upgrade"));
        }
        return new RecordedHead(
                sample.at(),
                new String(texts.get(HeadCopy.LISTENER).getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8),
                address(sample.address()),
                texts.get(HeadCopy.METHOD),
                url(
                        (sample.flags() & HeadCopy.SECURE) != 0 ? "https" : "http",
                        texts.get(HeadCopy.AUTHORITY),
                        texts.get(HeadCopy.TARGET)),
                headers);
    }

    private String value(String name, String value) {
        if (name.equals("cookie")) {
            return cookies(value);
        }
        if (keyHeaders.contains(name)) {
            return HIDDEN;
        }
        return KNOWN.contains(name) || askedHeaders.contains(name) ? value : HIDDEN;
    }

    private String cookies(String value) {
        List<String> shown = new ArrayList<>();
        for (String pair : value.split(";", -1)) {
            int equals = pair.indexOf('=');
            // A text without a name may be all value.
            String name = equals < 0 ? "" : pair.substring(0, equals).strip();
            if (equals < 0) {
                shown.add(HIDDEN);
            } else if (askedCookies.contains(name) && !keyCookies.contains(name)) {
                shown.add(pair.strip());
            } else {
                shown.add(name + "=" + HIDDEN);
            }
        }
        return String.join("; ", shown);
    }

    private String url(String scheme, String authority, String target) {
        if (target.equals("*")) {
            return target;
        }
        int rest = target.startsWith("/") ? 0 : target.indexOf('/', target.indexOf("://") + 3);
        int mark = target.indexOf('?');
        int queryAt = mark < 0 ? target.length() : mark;
        String path = rest < 0 || rest > queryAt ? "/" : target.substring(rest, queryAt);
        return scheme + "://" + authority + PATH_VALUE.matcher(path).replaceAll("$1=***")
                + (mark < 0 ? "" : "?" + query(target.substring(mark + 1)));
    }

    private String query(String query) {
        List<String> shown = new ArrayList<>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String raw = equals < 0 ? pair : pair.substring(0, equals);
            shown.add(equals >= 0 && isHiddenParameter(raw) ? raw + "=" + HIDDEN : pair);
        }
        return String.join("&", shown);
    }

    private boolean isHiddenParameter(String raw) {
        String name = decoded(raw);
        return keyParameters.contains(name) || !askedParameters.contains(name);
    }

    // What cannot be decoded is as it stands; it names nothing that the configuration could mean.
    private static String decoded(String raw) {
        try {
            return URLDecoder.decode(raw, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            return raw;
        }
    }

    private static String address(byte[] bytes) {
        ByteBuilder text = new ByteBuilder(AddressText.TEXT_MAX);
        AddressText.append(bytes, text);
        return new String(text.array(), 0, text.length(), StandardCharsets.US_ASCII);
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
