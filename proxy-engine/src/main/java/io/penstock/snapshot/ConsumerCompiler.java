package io.penstock.snapshot;

import io.penstock.config.ApiKeyCredentialConfig;
import io.penstock.config.BasicCredentialConfig;
import io.penstock.config.ConfigProblem;
import io.penstock.config.ConsumerConfig;
import io.penstock.config.ConsumerGroupConfig;
import io.penstock.config.CredentialConfig;
import io.penstock.config.HmacCredentialConfig;
import io.penstock.config.LimitConfig;
import io.penstock.config.NamedMap;
import io.penstock.config.ProxyConfig;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.config.SecretValue;
import io.penstock.consumer.CredentialDigest;
import io.penstock.consumer.CredentialIndex;
import io.penstock.consumer.DigestKind;
import io.penstock.limit.LimitPlan;
import io.penstock.metrics.LastUse;
import io.penstock.spi.Credential;
import io.penstock.spi.CredentialSecrets;
import io.penstock.spi.Identity;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compiles consumers from one revision to the next: those that changed, and those whose groups or limits did. A change of
 * one among a million costs what one costs; a change of a group or a limit reads all, to find out who names it. Control
 * thread only.
 */
final class ConsumerCompiler {
    private static final byte[] NOTHING = {};

    private final CredentialSecrets secrets;
    private final LimitPlans limits;
    private final DenseIds consumerIds = new DenseIds();
    private final DenseIds credentialIds = new DenseIds();
    private ConsumerTable table = ConsumerTable.EMPTY;
    // Null before the first consumer: only then a key is asked for.
    private byte @Nullable [] digestKey;

    ConsumerCompiler(CredentialSecrets secrets, LimitPlans limits) {
        this.secrets = secrets;
        this.limits = limits;
    }

    ConsumerTable current() {
        return table;
    }

    /** One consumer before and after; either may be absent, and then not both. */
    private record Change(
            String name,
            @Nullable ConsumerConfig before,
            @Nullable ConsumerConfig after) {}

    /**
     * Compiles what differs.
     *
     * @param problems takes what stands against it
     */
    ConsumerDraft compile(ProxyConfig before, ProxyConfig after, List<ConfigProblem> problems) {
        ConsumerDraft draft = new ConsumerDraft(table);
        List<Change> changes = changes(before, after);
        if (!changes.isEmpty()) {
            byte[] key = digestKey;
            if (key == null) {
                key = secrets.digestKey();
                digestKey = key;
            }
            new Run(draft, after, new CredentialPlace(new CredentialDigest(key)), problems).run(changes, key);
        }
        return draft;
    }

    /** When a request was last known by a credential that is served; empty if not since the process began. */
    Optional<Instant> lastUse(CredentialConfig credential) {
        byte[] key = digestKey;
        if (key == null || !credential.enabled()) {
            return Optional.empty();
        }
        CredentialPlace place = new CredentialPlace(new CredentialDigest(key));
        place.find(credential);
        int number = table.index.find(place.high(), place.low());
        Credential known = number == CredentialIndex.NONE ? null : table.credentials.get(number);
        return known == null ? Optional.empty() : known.lastUse().minute();
    }

    private static List<Change> changes(ProxyConfig before, ProxyConfig after) {
        Map<String, Change> changes = new LinkedHashMap<>();
        NamedMap.diff(
                before.consumers(),
                after.consumers(),
                (name, old, present) -> changes.put(name, new Change(name, old, present)));
        Set<String> groups = new HashSet<>();
        Set<String> limits = new HashSet<>();
        NamedMap.diff(before.consumerGroups(), after.consumerGroups(), (name, old, present) -> groups.add(name));
        NamedMap.diff(before.limits(), after.limits(), (name, old, present) -> limits.add(name));
        for (ConsumerGroupConfig group :
                limits.isEmpty() ? NamedMap.<ConsumerGroupConfig>empty() : after.consumerGroups()) {
            if (group.limits().stream().anyMatch(limits::contains)) {
                groups.add(group.name());
            }
        }
        if (!groups.isEmpty() || !limits.isEmpty()) {
            for (ConsumerConfig consumer : after.consumers()) {
                if (consumer.groups().stream().anyMatch(groups::contains)
                        || consumer.limits().stream().anyMatch(limits::contains)) {
                    changes.putIfAbsent(
                            consumer.name(),
                            new Change(
                                    consumer.name(),
                                    before.consumers().find(consumer.name()).orElse(null),
                                    consumer));
                }
            }
        }
        return List.copyOf(changes.values());
    }

    /** One compilation. */
    private final class Run {
        private final ConsumerDraft draft;
        private final ProxyConfig after;
        private final CredentialPlace place;
        private final List<ConfigProblem> problems;
        // Of credentials that change place or hands or anything else: their uses stay known.
        private final Map<String, LastUse> uses = new HashMap<>();
        private final CredentialIndex.Edit index;
        private final DenseTable.Edit<Credential> credentials;
        private final DenseTable.Edit<ConsumerRuntime> consumers;

        Run(ConsumerDraft draft, ProxyConfig after, CredentialPlace place, List<ConfigProblem> problems) {
            this.draft = draft;
            this.after = after;
            this.place = place;
            this.problems = problems;
            this.index = table.index.edit();
            this.credentials = table.credentials.edit();
            this.consumers = table.consumers.edit();
        }

        void run(List<Change> changes, byte[] key) {
            // First all that goes: a key may have moved from one consumer to another.
            for (Change change : changes) {
                if (change.before() != null) {
                    remove(change.before());
                }
            }
            for (Change change : changes) {
                if (change.after() != null && change.after().enabled()) {
                    add(change.after());
                }
            }
            draft.table = new ConsumerTable(index.done(), credentials.done(), consumers.done(), key);
        }

        private void remove(ConsumerConfig consumer) {
            int number = take(DigestKind.NAME, bytes(consumer.name()));
            if (number == CredentialIndex.NONE) {
                return;
            }
            consumers.set(number, null);
            draft.consumersFreed.add(number);
            for (CredentialConfig credential : consumer.credentials()) {
                if (credential.enabled()) {
                    place.find(credential);
                    int freed = index.find(place.high(), place.low());
                    if (freed != CredentialIndex.NONE) {
                        Credential before = table.credentials.get(freed);
                        if (before != null && !before.id().isEmpty()) {
                            uses.put(before.id(), before.lastUse());
                        }
                        index.remove(place.high(), place.low());
                        credentials.set(freed, null);
                        draft.credentialsFreed.add(freed);
                    }
                }
            }
        }

        private int take(DigestKind kind, byte[] of) {
            place.find(kind, of);
            int number = index.find(place.high(), place.low());
            index.remove(place.high(), place.low());
            return number;
        }

        private void add(ConsumerConfig consumer) {
            int number = consumerIds.take();
            draft.consumersTaken.add(number);
            byte[] name = bytes(consumer.name());
            place.find(DigestKind.NAME, name);
            index.put(place.high(), place.low(), number);
            List<ConsumerGroupConfig> groups = consumer.groups().stream()
                    .map(group -> after.consumerGroups().find(group))
                    .flatMap(Optional::stream)
                    .filter(ConsumerGroupConfig::enabled)
                    .toList();
            Identity identity = new Identity(
                    consumer.name(),
                    consumer.name(),
                    groups.stream().map(ConsumerGroupConfig::name).toList(),
                    Map.of());
            consumers.set(
                    number,
                    new ConsumerRuntime(
                            identity, name, bytes(String.join(",", identity.groups())), plans(consumer, groups)));
            for (int i = 0; i < consumer.credentials().size(); i++) {
                CredentialConfig credential = consumer.credentials().get(i);
                if (credential.enabled()) {
                    add(consumer, i, credential, identity, number);
                }
            }
        }

        private void add(
                ConsumerConfig consumer, int place, CredentialConfig credential, Identity identity, int owner) {
            this.place.find(credential);
            int number = credentialIds.take();
            draft.credentialsTaken.add(number);
            if (index.put(this.place.high(), this.place.low(), number) != CredentialIndex.NONE) {
                problems.add(new ConfigProblem(
                        ResourceRef.of(ResourceType.CONSUMERS, consumer.name()),
                        "/credentials/" + place + "/" + member(credential),
                        ConfigProblem.DUPLICATE,
                        "another credential has the same " + member(credential) + ", and a request would stand for two",
                        Optional.of("give each consumer its own")));
                return;
            }
            credentials.set(
                    number,
                    new Credential(
                            credential.id().orElse(""),
                            identity,
                            owner,
                            proof(credential),
                            credential.expires().map(end -> end.toEpochMilli()).orElse(Long.MAX_VALUE),
                            uses.getOrDefault(credential.id().orElse(""), new LastUse())));
        }

        private LimitPlan[] plans(ConsumerConfig consumer, List<ConsumerGroupConfig> groups) {
            Set<String> names = new LinkedHashSet<>(consumer.limits());
            groups.forEach(group -> names.addAll(group.limits()));
            List<LimitPlan> plans = new ArrayList<>();
            for (String name : names) {
                Optional<LimitConfig> limit = after.limits().find(name).filter(LimitConfig::enabled);
                try {
                    limit.ifPresent(found -> plans.add(limits.plan(found)));
                } catch (IllegalArgumentException refused) {
                    problems.add(new ConfigProblem(
                            ResourceRef.of(ResourceType.LIMITS, name),
                            "/rate",
                            "limit-refused",
                            String.valueOf(refused.getMessage()),
                            Optional.empty()));
                }
            }
            return plans.toArray(new LimitPlan[0]);
        }
    }

    private static String member(CredentialConfig credential) {
        return switch (credential) {
            case ApiKeyCredentialConfig key -> "secret";
            case BasicCredentialConfig basic -> "username";
            case HmacCredentialConfig hmac -> "keyId";
        };
    }

    private byte[] proof(CredentialConfig credential) {
        return switch (credential) {
            case ApiKeyCredentialConfig key -> NOTHING;
            case BasicCredentialConfig basic ->
                basic.secret() instanceof SecretValue.Hashed hashed ? bytes(hashed.hash()) : plain(basic.secret());
            case HmacCredentialConfig hmac ->
                hmac.secret() instanceof SecretValue.Sealed sealed
                        ? bytes(secrets.open(sealed))
                        : CredentialPlace.given(hmac.secret());
        };
    }

    // A configuration without a store, as in tests and benchmarks, holds passwords as they were given.
    private static byte[] plain(SecretValue secret) {
        return bytes("plain:" + new String(CredentialPlace.given(secret), StandardCharsets.UTF_8));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Makes a draft the present table. Does not fail. */
    void accept(ConsumerDraft draft) {
        table = draft.table;
        // Each version has tables of its own, so that a number may have another owner in the next.
        draft.consumersFreed.forEach(consumerIds::giveBack);
        draft.credentialsFreed.forEach(credentialIds::giveBack);
    }

    /** Gives a draft up. */
    void discard(ConsumerDraft draft) {
        draft.consumersTaken.forEach(consumerIds::giveBack);
        draft.credentialsTaken.forEach(credentialIds::giveBack);
    }
}
