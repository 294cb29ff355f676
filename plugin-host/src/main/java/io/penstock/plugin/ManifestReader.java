package io.penstock.plugin;

import io.penstock.config.OnFailure;
import io.penstock.spi.PluginRefusedException.Fault;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads {@code plugin.json} strictly: members it does not know are refused, and every fault is told at once. */
final class ManifestReader {
    static final String FILE = "plugin.json";

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final Set<String> STAGES = Set.of("authenticate", "authorize", "transform", "observe");
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    private static final Pattern VARIABLE = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}/[A-Za-z0-9_.-]{1,64}");
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");
    private static final int LIST_MAX = 64;

    private final List<Fault> faults;

    private ManifestReader(List<Fault> faults) {
        this.faults = faults;
    }

    /** Reads a manifest; the result is not to be used if {@code faults} got any. */
    @Nullable
    static Manifest read(byte[] json, List<Fault> faults) {
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (JacksonException notJson) {
            faults.add(new Fault(FILE, "bad-json", notJson.getOriginalMessage(), Optional.empty()));
            return null;
        }
        if (!root.isObject()) {
            faults.add(new Fault(FILE, "bad-type", "found a JSON value that is no object", Optional.empty()));
            return null;
        }
        return new ManifestReader(faults).manifest(root);
    }

    private Manifest manifest(JsonNode root) {
        known(root, "", ManifestMember.of(""));
        if (root.path("api").asInt(-1) != 1 || !root.path("api").isInt()) {
            fault("/api", "bad-value", "found " + shown(root.path("api")) + ", wanted 1");
        }
        String name = text(root, "/name", NAME, "lower case letters, digits and hyphens, at most 63");
        String version = text(root, "/version", null, "");
        if (!version.isEmpty() && !SemVer.isValid(version)) {
            fault("/version", "bad-value", "found \"" + version + "\", wanted a version such as 1.2.3 (semver.org)");
        }
        String entry = text(root, "/entry", null, "");
        JsonNode schema = root.path("configSchema");
        if (!schema.isMissingNode() && !schema.isObject()) {
            fault("/configSchema", "bad-type", "wanted a JSON Schema object");
        }
        return new Manifest(
                name,
                version,
                entry,
                schema.isObject() ? Optional.of(schema.toString()) : Optional.empty(),
                permissions(root.path("permissions")),
                limits(root.path("limits")),
                onFailure(root.path("onFailure")),
                body(root.path("body")),
                flag(root, "", "repeatable"),
                stage(root.path("stage")),
                texts(root.path("requires"), "/requires", VARIABLE, "PLUGIN/VARIABLE"),
                optionalText(root.path("sourceMap"), "/sourceMap"));
    }

    private Manifest.Permissions permissions(JsonNode node) {
        object(node, "/permissions", ManifestMember.of("/permissions"));
        List<String> origins = texts(node.path("fetch"), "/permissions/fetch", null, "");
        Set<String> fetch = new LinkedHashSet<>();
        for (int i = 0; i < origins.size(); i++) {
            String origin = origin(origins.get(i));
            if (origin.isEmpty()) {
                fault(
                        "/permissions/fetch/" + i,
                        "bad-value",
                        "found \"" + origins.get(i) + "\", wanted an origin such as https://api.example.com");
            } else {
                fetch.add(origin);
            }
        }
        return new Manifest.Permissions(
                fetch,
                Set.copyOf(texts(node.path("kv"), "/permissions/kv", WORD, "a word of letters, digits and _.-")),
                Set.copyOf(texts(node.path("upstreams"), "/permissions/upstreams", WORD, "an upstream's name")));
    }

    /** Scheme, host and port of an origin, the default port left out; empty if it is none. */
    static String origin(String text) {
        try {
            URI uri = new URI(text);
            String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
            boolean isBare = (uri.getRawPath() == null || uri.getRawPath().isEmpty())
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null
                    && uri.getRawUserInfo() == null;
            if (!isBare || uri.getHost() == null || !(scheme.equals("https") || scheme.equals("http"))) {
                return "";
            }
            int standard = scheme.equals("https") ? 443 : 80;
            String port = uri.getPort() < 0 || uri.getPort() == standard ? "" : ":" + uri.getPort();
            return scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + port;
        } catch (URISyntaxException notAnOrigin) {
            return "";
        }
    }

    private Manifest.Limits limits(JsonNode node) {
        object(node, "/limits", ManifestLimit.members());
        return new Manifest.Limits(
                number(node, ManifestLimit.CPU_MS),
                number(node, ManifestLimit.REQUEST_CPU_MS),
                number(node, ManifestLimit.WALL_MS),
                number(node, ManifestLimit.MEMORY_MB),
                number(node, ManifestLimit.BODY_BYTES),
                number(node, ManifestLimit.SUBREQUESTS));
    }

    private OnFailure onFailure(JsonNode node) {
        if (node.isMissingNode() || (node.isString() && node.asString().equals("closed"))) {
            return OnFailure.CLOSED;
        }
        if (node.isString() && node.asString().equals("open")) {
            return OnFailure.OPEN;
        }
        fault("/onFailure", "bad-value", "found " + shown(node) + ", wanted \"open\" or \"closed\"");
        return OnFailure.CLOSED;
    }

    private Manifest.BodyRules body(JsonNode node) {
        object(node, "/body", ManifestMember.of("/body"));
        return new Manifest.BodyRules(
                flag(node, "/body", "decode"),
                texts(node.path("contentTypes"), "/body/contentTypes", null, ""),
                flag(node, "/body", "sameLength"));
    }

    private Optional<String> stage(JsonNode node) {
        Optional<String> stage = optionalText(node, "/stage");
        stage.filter(word -> !STAGES.contains(word))
                .ifPresent(word -> fault(
                        "/stage",
                        "bad-value",
                        "found \"" + word + "\", wanted authenticate, authorize, transform or observe"));
        return stage;
    }

    private void object(JsonNode node, String pointer, Set<String> members) {
        if (node.isObject()) {
            known(node, pointer, members);
        } else if (!node.isMissingNode()) {
            fault(pointer, "bad-type", "found " + shown(node) + ", wanted an object");
        }
    }

    private void known(JsonNode node, String pointer, Set<String> members) {
        for (String member : node.propertyNames()) {
            if (!members.contains(member)) {
                String escaped = member.replace("~", "~0").replace("/", "~1");
                fault(pointer + "/" + escaped, "unknown-member", "a manifest has no member of this name");
            }
        }
    }

    private String text(JsonNode root, String pointer, @Nullable Pattern pattern, String wanted) {
        JsonNode node = root.at(pointer);
        if (!node.isString() || node.asString().isEmpty()) {
            fault(pointer, node.isMissingNode() ? "missing" : "bad-type", "wanted a text");
            return "";
        }
        checkPattern(node.asString(), pointer, pattern, wanted);
        return node.asString();
    }

    private Optional<String> optionalText(JsonNode node, String pointer) {
        if (node.isMissingNode()) {
            return Optional.empty();
        }
        if (!node.isString()) {
            fault(pointer, "bad-type", "found " + shown(node) + ", wanted a text");
            return Optional.empty();
        }
        return Optional.of(node.asString());
    }

    private List<String> texts(JsonNode node, String pointer, @Nullable Pattern pattern, String wanted) {
        if (node.isMissingNode()) {
            return List.of();
        }
        if (!node.isArray() || node.size() > LIST_MAX) {
            fault(pointer, "bad-type", "wanted a list of at most " + LIST_MAX + " texts");
            return List.of();
        }
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < node.size(); i++) {
            if (node.get(i).isString()) {
                checkPattern(node.get(i).asString(), pointer + "/" + i, pattern, wanted);
                texts.add(node.get(i).asString());
            } else {
                fault(pointer + "/" + i, "bad-type", "found " + shown(node.get(i)) + ", wanted a text");
            }
        }
        return texts;
    }

    private void checkPattern(String text, String pointer, @Nullable Pattern pattern, String wanted) {
        if (pattern != null && !pattern.matcher(text).matches()) {
            fault(pointer, "bad-value", "found \"" + text + "\", wanted " + wanted);
        }
    }

    private boolean flag(JsonNode node, String pointer, String member) {
        JsonNode value = node.path(member);
        if (!value.isMissingNode() && !value.isBoolean()) {
            fault(pointer + "/" + member, "bad-type", "found " + shown(value) + ", wanted true or false");
        }
        return value.asBoolean(false);
    }

    private int number(JsonNode node, ManifestLimit limit) {
        JsonNode value = node.path(limit.member());
        if (value.isMissingNode()) {
            return limit.standard();
        }
        if (!value.isInt() || value.asInt() < limit.min() || value.asInt() > limit.max()) {
            fault(
                    "/limits/" + limit.member(),
                    "out-of-range",
                    "found " + shown(value) + ", wanted " + limit.min() + " to " + limit.max());
            return limit.standard();
        }
        return value.asInt();
    }

    private static String shown(JsonNode node) {
        String text = node.isMissingNode() ? "nothing" : node.toString();
        return text.length() > 80 ? text.substring(0, 80) + "..." : text;
    }

    private void fault(String pointer, String code, String detail) {
        faults.add(new Fault(FILE + "#" + pointer, code, detail, Optional.empty()));
    }
}
