package io.penstock.admin.access;

import io.penstock.admin.store.AuditEvent;
import io.penstock.admin.store.ConfigStore;
import io.penstock.admin.store.KeptAnswer;
import io.penstock.admin.store.RoleRecord;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The roles that tokens may have: those built in and those that operators made. Reads by any thread, writes by one. */
final class Roles {
    /** The most roles that operators may make. */
    static final int CUSTOM_MAX = 1000;

    /** The most tokens kept, revoked and expired ones included. */
    static final int TOKENS_MAX = 10_000;

    private static final Pattern VISIBLE = Pattern.compile("[^\\p{Cntrl}]{1,128}");
    private static final JsonMapper JSON = JsonMapper.shared();

    private final ConfigStore store;
    private final Clock clock;

    // Replaced as a whole by the one writer; readers see one or the other.
    private volatile Map<String, Role> custom;

    private Roles(ConfigStore store, Clock clock, Map<String, Role> custom) {
        this.store = store;
        this.clock = clock;
        this.custom = custom;
    }

    static Roles open(ConfigStore store, Clock clock) {
        Map<String, Role> custom = new TreeMap<>();
        for (RoleRecord record : store.roles().all()) {
            custom.put(record.name(), new Role(record.name(), record.description(), grants(record.grants())));
        }
        return new Roles(store, clock, custom);
    }

    /** Those built in, then the others by name. */
    List<Role> all() {
        List<Role> all = new ArrayList<>(Role.BUILT_IN);
        all.addAll(custom.values());
        return all;
    }

    Optional<Role> named(String name) {
        return Role.BUILT_IN.stream()
                .filter(role -> role.name().equals(name))
                .findFirst()
                .or(() -> Optional.ofNullable(custom.get(name)));
    }

    RoleResult make(Principal by, String source, Role role, Optional<KeptAnswer> answer) {
        if (named(role.name()).isPresent()) {
            return new RoleResult.Exists(role.name());
        }
        if (!by.covers(role, by.tags())) {
            return new RoleResult.TooWide(role.name());
        }
        if (custom.size() >= CUSTOM_MAX) {
            return new RoleResult.TooMany(CUSTOM_MAX);
        }
        String grants = text(role.grants());
        store.roles()
                .put(
                        new RoleRecord(role.name(), role.description(), grants, clock.instant(), by.actor()),
                        event(by, source, "role.make", role, Optional.of(grants)),
                        answer);
        Map<String, Role> next = new TreeMap<>(custom);
        next.put(role.name(), role);
        custom = next;
        return new RoleResult.Made(role);
    }

    RoleResult remove(Principal by, String source, String name, List<String> users) {
        Optional<Role> found = named(name);
        if (found.isEmpty()) {
            return new RoleResult.NotFound(name);
        }
        if (!custom.containsKey(name)) {
            return new RoleResult.BuiltIn(name);
        }
        if (!users.isEmpty()) {
            return new RoleResult.InUse(name, users);
        }
        store.roles().remove(name, event(by, source, "role.remove", found.get(), Optional.empty()));
        Map<String, Role> next = new TreeMap<>(custom);
        next.remove(name);
        custom = next;
        return new RoleResult.Removed(found.get());
    }

    /** Why no token can be made of a wish, beside as many as are kept; empty if one can. */
    Optional<TokenResult.Invalid> check(NewToken wish, int tokensKept) {
        if (tokensKept >= TOKENS_MAX) {
            return Optional.of(
                    new TokenResult.Invalid("", TOKENS_MAX + " tokens are kept already; the bound is fixed"));
        }
        if (!VISIBLE.matcher(wish.name()).matches() || wish.name().isBlank()) {
            return Optional.of(new TokenResult.Invalid("/name", "a name has 1 to 128 visible characters"));
        }
        // The store keeps them line by line.
        for (int i = 0; i < wish.tags().size(); i++) {
            if (!VISIBLE.matcher(wish.tags().get(i)).matches()) {
                return Optional.of(new TokenResult.Invalid("/tags/" + i, "a tag has 1 to 128 visible characters"));
            }
        }
        if (wish.roles().isEmpty()) {
            return Optional.of(new TokenResult.Invalid("/roles", "at least one role is needed; known: " + roleNames()));
        }
        for (int i = 0; i < wish.roles().size(); i++) {
            if (named(wish.roles().get(i)).isEmpty()) {
                return Optional.of(new TokenResult.Invalid(
                        "/roles/" + i, "role \"" + wish.roles().get(i) + "\" is not defined; known: " + roleNames()));
            }
        }
        if (wish.expiresIn().isPresent() && !wish.expiresIn().get().isPositive()) {
            return Optional.of(new TokenResult.Invalid("/expiresIn", "a life is longer than nothing"));
        }
        return Optional.empty();
    }

    private String roleNames() {
        return String.join(", ", all().stream().map(Role::name).toList());
    }

    private AuditEvent event(Principal by, String source, String action, Role role, Optional<String> detail) {
        return new AuditEvent(
                clock.instant(),
                by.actor(),
                Optional.of(source),
                action,
                "/roles/" + role.name(),
                AuditEvent.Outcome.APPLIED,
                Optional.empty(),
                Optional.empty(),
                detail,
                Optional.empty());
    }

    private static String text(List<Grant> grants) {
        ArrayNode list = JSON.createArrayNode();
        for (Grant grant : grants) {
            ObjectNode node = list.addObject();
            ArrayNode verbs = node.putArray("verbs");
            grant.verbs().stream().sorted().forEach(verb -> verbs.add(verb.text()));
            grant.types().stream().sorted().forEach(node.putArray("types")::add);
            grant.tags().stream().sorted().forEach(node.putArray("tags")::add);
        }
        return JSON.writeValueAsString(list);
    }

    private static List<Grant> grants(String text) {
        List<Grant> grants = new ArrayList<>();
        for (JsonNode node : JSON.readTree(text)) {
            Set<Verb> verbs = new HashSet<>();
            Set<String> words = texts(node.path("verbs"));
            Arrays.stream(Verb.values())
                    .filter(verb -> words.contains(verb.text()))
                    .forEach(verbs::add);
            grants.add(new Grant(verbs, texts(node.path("types")), texts(node.path("tags"))));
        }
        return grants;
    }

    private static Set<String> texts(JsonNode list) {
        Set<String> texts = new HashSet<>();
        list.forEach(each -> texts.add(each.stringValue()));
        return texts;
    }
}
