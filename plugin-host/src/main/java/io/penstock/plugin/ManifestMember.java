package io.penstock.plugin;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/** The members a manifest may have, with what they mean: any other is refused. */
enum ManifestMember {
    SCHEMA("/$schema", "text", "", "for editors; the gateway does not read it"),
    NAME("/name", "text", "required", "lower case letters, digits and hyphens, at most 63"),
    VERSION("/version", "text", "required", "semver, such as 1.2.3; a stored version never changes"),
    API("/api", "number", "required", "1"),
    ENTRY("/entry", "text", "required", "path of the module whose default export has the hooks"),
    DESCRIPTION("/description", "text", "", "one sentence for readers"),
    CONFIG_SCHEMA(
            "/configSchema",
            "JSON Schema 2020-12",
            "anything goes",
            "of `config` beside `use`; defaults are filled in, a member with `writeOnly: true` is a secret"),
    PERMISSIONS("/permissions", "object", "nothing", "what the plugin may reach"),
    FETCH(
            "/permissions/fetch",
            "list of origins",
            "none",
            "where `fetch` may go, such as `http://authz.internal:8181`"),
    KV("/permissions/kv", "list of words", "none", "namespaces of the store"),
    UPSTREAMS("/permissions/upstreams", "list of names", "none", "where `ctx.upstream.use` may send requests"),
    LIMITS("/limits", "object", "see budgets", "budgets; each is refused outside of its range"),
    ON_FAILURE(
            "/onFailure",
            "`open` or `closed`",
            "`closed`",
            "what a failing hook does to its request: lets it pass, or ends it with 500; a binding may say otherwise"),
    BODY("/body", "object", "", "how body hooks get a body"),
    DECODE("/body/decode", "true or false", "false", "body hooks see the content, not its coding"),
    CONTENT_TYPES("/body/contentTypes", "list of media types", "all", "bodies of others go on unseen"),
    SAME_LENGTH(
            "/body/sameLength", "true or false", "false", "body hooks keep the length, so that it may be sent ahead"),
    REPEATABLE(
            "/repeatable",
            "true or false",
            "false",
            "a hook that only waited may run once more after its context was ended under it"),
    STAGE(
            "/stage",
            "`authenticate`, `authorize`, `transform` or `observe`",
            "",
            "where the plugin belongs among others by default"),
    REQUIRES("/requires", "list of `PLUGIN/VARIABLE`", "none", "variables of other plugins that it reads"),
    SOURCE_MAP(
            "/sourceMap", "text", "", "path of the entry's source map, so that stack traces name the author's lines");

    private final String pointer;
    private final String type;
    private final String standard;
    private final String meaning;

    ManifestMember(String pointer, String type, String standard, String meaning) {
        this.pointer = pointer;
        this.type = type;
        this.standard = standard;
        this.meaning = meaning;
    }

    /** Names of the members of the object at this pointer; empty for the manifest itself. */
    static Set<String> of(String parent) {
        return Arrays.stream(values())
                .map(member -> member.pointer)
                .filter(pointer -> pointer.lastIndexOf('/') == parent.length() && pointer.startsWith(parent + "/"))
                .map(pointer -> pointer.substring(parent.length() + 1))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** JSON pointer. */
    String pointer() {
        return pointer;
    }

    String type() {
        return type;
    }

    /** What holds if it is absent; empty where that goes without saying. */
    String standard() {
        return standard;
    }

    String meaning() {
        return meaning;
    }
}
