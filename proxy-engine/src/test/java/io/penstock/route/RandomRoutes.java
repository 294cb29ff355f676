package io.penstock.route;

import io.penstock.config.Cidr;
import io.penstock.config.FieldMatch;
import io.penstock.config.PathMatch;
import io.penstock.config.RouteMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Routes and requests of a small world, so that many routes compete for each request. */
final class RandomRoutes {
    private static final List<String> HOSTS = List.of("x", "a.x", "b.x", "c.b.x", "longlabel.b.x", "");
    private static final List<String> PATTERNS = List.of("a.x", "b.x", "c.b.x", "*.x", "*.b.x", "*");
    private static final List<String> SEGMENTS = List.of("a", "b", "c", "", "averylongsegment");
    private static final List<String> METHODS = List.of("GET", "POST", "DELETE", "PURGE", "LOCK");
    private static final List<String> QUERIES = List.of("", "v=1", "v=2", "w=1&v=%31", "v", "&&v=3&v=1");

    private final Random random;

    RandomRoutes(Random random) {
        this.random = random;
    }

    RouteEntry entry(int id, String name) {
        List<RouteMatch> matches = new ArrayList<>();
        int count = chance(4) ? 2 : 1;
        for (int i = 0; i < count; i++) {
            matches.add(match());
        }
        ListenerSet listeners = chance(6) ? ListenerSet.of(List.of(random.nextInt(3))) : ListenerSet.ALL;
        return new RouteEntry(id, name, random.nextInt(2), listeners, matches);
    }

    private RouteMatch match() {
        List<String> hosts = new ArrayList<>();
        while (chance(2) && hosts.size() < 3) {
            String host = pick(PATTERNS);
            if (!hosts.contains(host)) {
                hosts.add(host);
            }
        }
        List<String> methods = chance(3) ? List.of(pick(METHODS)) : List.of();
        List<FieldMatch> headers = chance(4) ? List.of(field("X-H")) : List.of();
        List<FieldMatch> query = chance(5) ? List.of(field("v")) : List.of();
        List<Cidr> sources = chance(6)
                ? List.of(Cidr.parse(pick(List.of("10.0.0.0/8", "10.1.0.0/16", "::/0", "2001:db8::/32"))))
                : List.of();
        return new RouteMatch(hosts, path(), methods, headers, query, sources);
    }

    private FieldMatch field(String name) {
        return switch (random.nextInt(4)) {
            case 0 -> FieldMatch.exact(name, "1");
            case 1 -> FieldMatch.regex(name, "[12]");
            case 2 -> FieldMatch.present(name);
            default -> FieldMatch.absent(name);
        };
    }

    private PathMatch path() {
        return switch (random.nextInt(8)) {
            case 0, 1 -> PathMatch.exact(requestPath());
            case 2, 3, 4 -> PathMatch.prefix(prefix());
            case 5, 6 -> PathMatch.template(template());
            default ->
                PathMatch.regex(
                        pick(ReferenceRoutes.REGEXES.keySet().stream().sorted().toList()));
        };
    }

    private String prefix() {
        StringBuilder path = new StringBuilder();
        int count = random.nextInt(4);
        for (int i = 0; i < count; i++) {
            path.append('/').append(pick(SEGMENTS.subList(0, 3)));
        }
        return path.isEmpty() ? "/" : path.toString();
    }

    private String template() {
        StringBuilder path = new StringBuilder();
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            path.append('/').append(chance(2) ? "{p" + i + "}" : pick(SEGMENTS));
        }
        return path + (chance(4) ? "/{rest...}" : "");
    }

    private String requestPath() {
        StringBuilder path = new StringBuilder();
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            path.append('/').append(pick(SEGMENTS));
        }
        return path.toString();
    }

    FakeQuery query() {
        String query = pick(QUERIES);
        FakeQuery made = FakeQuery.of(pick(METHODS), pick(HOSTS), requestPath() + (query.isEmpty() ? "" : "?" + query))
                .listener(random.nextInt(3));
        while (chance(3)) {
            made.header("x-h", pick(List.of("1", "2", "3", "")));
        }
        switch (random.nextInt(4)) {
            case 0 -> made.from(10, 1, 0, 1);
            case 1 -> made.from(10, 2, 0, 1);
            case 2 -> made.fromV6(0x20010db8_0000_0000L, 1);
            default -> made.from(192, 0, 2, 1);
        }
        return made;
    }

    private boolean chance(int oneIn) {
        return random.nextInt(oneIn) == 0;
    }

    private <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
