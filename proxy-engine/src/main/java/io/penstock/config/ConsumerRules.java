package io.penstock.config;

import io.penstock.config.Problems.Scope;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a consumer must keep by itself. That nobody else has its keys is found out where they are indexed. */
final class ConsumerRules {
    private ConsumerRules() {}

    static void check(ConsumerConfig consumer, Scope at) {
        RouteRules.checkDistinct(consumer.groups(), at.in("groups"));
        RouteRules.checkDistinct(consumer.limits(), at.in("limits"));
        List<CredentialConfig> credentials = consumer.credentials();
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < credentials.size(); i++) {
            Scope here = at.in("credentials").in(i).in("secret");
            credentials
                    .get(i)
                    .id()
                    .filter(id -> !ids.add(id))
                    .ifPresent(id -> here.add(
                            ConfigProblem.DUPLICATE,
                            "the same secret stands twice in this list",
                            "leave one of them out"));
        }
    }
}
