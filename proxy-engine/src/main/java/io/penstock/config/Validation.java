package io.penstock.config;

import io.penstock.config.Problems.Scope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** One run of the validator. */
final class Validation {
    /** So many names are listed where one is unknown. */
    private static final int NAMED_MAX = 5;
    /** Suggestions compare against every known name, so only the first problems get one. */
    private static final int SUGGESTIONS_MAX = 50;

    private final ProxyConfig after;
    private final ConfigDiff diff;
    private final Problems problems = new Problems();
    private int suggestions;
    private int examined;

    Validation(ProxyConfig before, ProxyConfig after) {
        this.after = after;
        this.diff = ConfigDiff.of(before, after);
    }

    /** Resources that were read: what the run has cost. */
    int examined() {
        return examined;
    }

    List<ConfigProblem> run() {
        if (diff.defaultsChanged()) {
            Scope scope = problems.at(ResourceRef.DEFAULTS);
            ResourceRules.check(after.defaults(), scope);
            checkReferences(References.of(after.defaults()), scope);
        }
        for (ResourceChange change : diff.changes()) {
            change.after().ifPresent(resource -> {
                examined++;
                Scope scope = problems.at(change.ref());
                ResourceRules.check(resource, scope);
                checkReferences(References.of(resource), scope);
                if (resource instanceof RouteConfig route) {
                    checkListeners(route, scope);
                }
            });
        }
        checkRemoved();
        if (diff.touches(ResourceType.LISTENERS)) {
            checkAddresses();
        }
        if (diff.touches(ResourceType.LISTENERS) || diff.touches(ResourceType.CERTIFICATES)) {
            TlsRules.checkAll(after, problems);
        }
        if (diff.touches(ResourceType.ACCESS_LOGS)) {
            checkLogFiles();
        }
        return problems.toList();
    }

    private void checkReferences(List<Reference> references, Scope scope) {
        for (Reference reference : references) {
            if (after.all(reference.type()).contains(reference.name()) || problems.isFull()) {
                continue;
            }
            Scope at = new Scope(problems, scope.resource(), reference.pointer());
            String singular = reference.type().singular();
            String detail = singular + " \"" + ValueText.shown(reference.name()) + "\" is not defined; "
                    + known(after.all(reference.type()));
            at.add(
                    ConfigProblem.UNKNOWN_REFERENCE,
                    detail,
                    suggestion(reference)
                                    .map(near -> "did you mean \"" + near + "\"? Else ")
                                    .orElse("")
                            + "define it under " + reference.type().documentName() + ", or change the "
                            + scope.resource()
                                    .type()
                                    .map(ResourceType::singular)
                                    .orElse("defaults"));
        }
    }

    private Optional<String> suggestion(Reference reference) {
        return suggestions++ < SUGGESTIONS_MAX
                ? Spelling.nearest(reference.name(), after.all(reference.type()).names())
                : Optional.empty();
    }

    private static String known(NamedMap<? extends Resource> resources) {
        if (resources.isEmpty()) {
            return "none is known";
        }
        StringBuilder known = new StringBuilder("known: ");
        Iterator<String> names = resources.names().iterator();
        for (int i = 0; i < NAMED_MAX && names.hasNext(); i++) {
            known.append(i == 0 ? "\"" : ", \"").append(names.next()).append('"');
        }
        int more = resources.size() - NAMED_MAX;
        return more > 0 ? known + " and " + more + " more" : known.toString();
    }

    // What a route makes of its listeners' bytes must be what these speak.
    private void checkListeners(RouteConfig route, Scope scope) {
        for (int i = 0; i < route.listeners().size(); i++) {
            String name = route.listeners().get(i);
            Optional<Protocol> protocol = after.listeners().find(name).map(ListenerConfig::protocol);
            boolean isPassedOn = protocol.filter(spoken -> spoken == Protocol.TCP || spoken == Protocol.TLS)
                    .isPresent();
            if (protocol.isPresent() && isPassedOn != route.upstream().isPresent()) {
                scope.in("listeners")
                        .in(i)
                        .add(
                                ConfigProblem.BAD_VALUE,
                                "listener \"" + name + "\" speaks "
                                        + protocol.get().text() + ", and the route "
                                        + (isPassedOn ? "takes requests" : "passes bytes on to an upstream"),
                                isPassedOn
                                        ? "name an upstream in place of what answers, or a listener of HTTP"
                                        : "name listeners of protocol tcp or tls, or a service in place of upstream");
            }
        }
    }

    // Users that changed themselves have been told already that the name is unknown.
    private void checkRemoved() {
        Map<ResourceType, Set<String>> removed = new TreeMap<>();
        Set<ResourceRef> changed = new HashSet<>();
        for (ResourceChange change : diff.changes()) {
            changed.add(change.ref());
            ResourceType type = change.ref().type().orElseThrow();
            if (change.after().isEmpty() && !References.referrersOf(type).isEmpty()) {
                removed.computeIfAbsent(type, any -> new HashSet<>())
                        .add(change.ref().name());
            }
        }
        if (removed.isEmpty()) {
            return;
        }
        Map<ResourceRef, List<ResourceUse>> uses = new TreeMap<>();
        if (!diff.defaultsChanged()) {
            collectUses(References.of(after.defaults()), ResourceRef.DEFAULTS, removed, uses);
        }
        for (ResourceType referrer : ResourceType.values()) {
            if (removed.keySet().stream()
                    .noneMatch(type -> References.referrersOf(type).contains(referrer))) {
                continue;
            }
            for (Resource user : after.all(referrer)) {
                examined++;
                ResourceRef ref = ResourceRef.of(referrer, user.name());
                if (!changed.contains(ref)) {
                    collectUses(References.of(user), ref, removed, uses);
                }
            }
        }
        uses.forEach((ref, users) -> problems.at(ref)
                .add(
                        ConfigProblem.IN_USE,
                        ref + " is still used by " + listed(users),
                        "remove it from them first, or in the same edit"));
    }

    private static void collectUses(
            List<Reference> references,
            ResourceRef user,
            Map<ResourceType, Set<String>> removed,
            Map<ResourceRef, List<ResourceUse>> uses) {
        for (Reference reference : references) {
            if (removed.getOrDefault(reference.type(), Set.of()).contains(reference.name())) {
                uses.computeIfAbsent(ResourceRef.of(reference.type(), reference.name()), any -> new ArrayList<>())
                        .add(new ResourceUse(user, reference.pointer()));
            }
        }
    }

    private static String listed(List<ResourceUse> uses) {
        StringBuilder listed = new StringBuilder();
        for (ResourceUse use : uses.subList(0, Math.min(uses.size(), NAMED_MAX))) {
            listed.append(listed.isEmpty() ? "" : ", ")
                    .append(use.user())
                    .append(" (")
                    .append(use.pointer())
                    .append(')');
        }
        int more = uses.size() - NAMED_MAX;
        return more > 0 ? listed + " and " + more + " more places" : listed.toString();
    }

    // Only listeners of one port can overlap, and unix sockets only when equal.
    private void checkAddresses() {
        Map<String, List<ListenerConfig>> byPort = new HashMap<>();
        for (ListenerConfig listener : after.listeners()) {
            if (!listener.enabled()) {
                continue;
            }
            String port = listener.address() instanceof ListenAddress.Tcp tcp
                    ? Integer.toString(tcp.port())
                    : listener.address().toString();
            List<ListenerConfig> others = byPort.computeIfAbsent(port, any -> new ArrayList<>());
            for (ListenerConfig other : others) {
                if (listener.address().overlaps(other.address())) {
                    boolean isSame = listener.address().equals(other.address());
                    problems.at(ResourceRef.of(ResourceType.LISTENERS, listener.name()))
                            .in("address")
                            .add(
                                    ConfigProblem.ADDRESS_OVERLAP,
                                    "\"" + listener.address() + "\" "
                                            + (isSame ? "is also the address" : "overlaps \"" + other.address() + "\"")
                                            + " of listener \"" + other.name() + "\"",
                                    "give one of them another port, or disable it");
                    break;
                }
            }
            others.add(listener);
        }
    }

    private void checkLogFiles() {
        Map<String, String> nameByFile = new HashMap<>();
        for (AccessLogConfig log : after.accessLogs()) {
            String file = log.sink().file().orElse(log.name() + ".log");
            String other = log.enabled() ? nameByFile.putIfAbsent(file, log.name()) : null;
            if (other != null) {
                problems.at(ResourceRef.of(ResourceType.ACCESS_LOGS, log.name()))
                        .in("sink")
                        .in("file")
                        .add(
                                ConfigProblem.DUPLICATE,
                                "\"" + ValueText.shown(file) + "\" is also the file of access log \"" + other + "\"",
                                "give each log a file of its own");
            }
        }
    }
}
