package io.penstock.route;

import static io.penstock.route.RouteLookup.METHOD_NOT_ALLOWED;
import static io.penstock.route.RouteLookup.NONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.config.Cidr;
import io.penstock.config.FieldMatch;
import io.penstock.config.PathMatch;
import io.penstock.config.RouteMatch;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class RouteTableTest {
    private final RouteTableWriter writer = new RouteTableWriter();
    private final RouteLookup lookup = new RouteLookup();
    private int nextId = 1;

    private int put(String name, RouteMatch... matches) {
        return put(name, 0, ListenerSet.ALL, matches);
    }

    private int put(String name, int priority, ListenerSet listeners, RouteMatch... matches) {
        writer.put(new RouteEntry(nextId, name, priority, listeners, List.of(matches)));
        return nextId++;
    }

    private int find(FakeQuery query) {
        RouteTable table = writer.publish();
        int route = lookup.find(table, query);
        assertThat(table.explain(query).routeId()).isEqualTo(route);
        writer.retire(table.version());
        return route;
    }

    private static RouteMatch any(List<String> methods, List<FieldMatch> headers, List<FieldMatch> query) {
        return new RouteMatch(List.of(), PathMatch.prefix("/"), methods, headers, query, List.of());
    }

    private static RouteMatch from(String... networks) {
        return new RouteMatch(
                List.of(),
                PathMatch.prefix("/"),
                List.of(),
                List.of(),
                List.of(),
                Arrays.stream(networks).map(Cidr::parse).toList());
    }

    @Nested
    class Hosts {
        @Test
        void triesTheMostSpecificHostFirst() {
            int any = put("any", RouteMatch.of(PathMatch.prefix("/")));
            int wide = put("wide", RouteMatch.of("*.example", PathMatch.prefix("/")));
            int narrow = put("narrow", RouteMatch.of("*.shop.example", PathMatch.prefix("/")));
            int exact = put("exact", RouteMatch.of("a.shop.example", PathMatch.prefix("/")));

            assertThat(find(FakeQuery.get("a.shop.example", "/"))).isEqualTo(exact);
            assertThat(find(FakeQuery.get("b.shop.example", "/"))).isEqualTo(narrow);
            assertThat(find(FakeQuery.get("x.y.shop.example", "/"))).isEqualTo(narrow);
            assertThat(find(FakeQuery.get("shop.example", "/"))).isEqualTo(wide);
            assertThat(find(FakeQuery.get("example", "/"))).isEqualTo(any);
            assertThat(find(FakeQuery.get("", "/"))).isEqualTo(any);
        }

        @Test
        void triesALessSpecificHostWhenNoRouteOfTheMoreSpecificFits() {
            put("exact", RouteMatch.of("shop.example", PathMatch.prefix("/orders")));
            int any = put("any", RouteMatch.of(PathMatch.prefix("/")));

            assertThat(find(FakeQuery.get("shop.example", "/other"))).isEqualTo(any);
        }

        @Test
        void readsHostsInAnyCaseAndWithATrailingDot() {
            int route = put("r", RouteMatch.of("Shop.Example.", PathMatch.prefix("/")));

            assertThat(find(FakeQuery.get("shop.example", "/"))).isEqualTo(route);
        }

        @Test
        void doesNotTakeAWildcardForTheBareDomain() {
            put("r", RouteMatch.of("*.shop.example", PathMatch.prefix("/")));

            assertThat(find(FakeQuery.get("shop.example", "/"))).isEqualTo(NONE);
            assertThat(find(FakeQuery.get(".shop.example", "/"))).isEqualTo(NONE);
        }
    }

    @Nested
    class Paths {
        @Test
        void prefersExactThenTemplateThenRegexThenPrefix() {
            int prefix = put("prefix", RouteMatch.of(PathMatch.prefix("/orders/7/items")));
            assertThat(find(FakeQuery.get("h", "/orders/7/items"))).isEqualTo(prefix);
            int regex = put("regex", RouteMatch.of(PathMatch.regex("/.*")));
            assertThat(find(FakeQuery.get("h", "/orders/7/items"))).isEqualTo(regex);
            int template = put("template", RouteMatch.of(PathMatch.template("/{a}/{b}/{c}")));
            assertThat(find(FakeQuery.get("h", "/orders/7/items"))).isEqualTo(template);
            int exact = put("exact", RouteMatch.of(PathMatch.exact("/orders/7/items")));
            assertThat(find(FakeQuery.get("h", "/orders/7/items"))).isEqualTo(exact);
        }

        @Test
        void matchesPrefixesByWholeSegments() {
            int orders = put("orders", RouteMatch.of(PathMatch.prefix("/orders/")));

            assertThat(find(FakeQuery.get("h", "/orders"))).isEqualTo(orders);
            assertThat(find(FakeQuery.get("h", "/orders/"))).isEqualTo(orders);
            assertThat(find(FakeQuery.get("h", "/orders/7"))).isEqualTo(orders);
            assertThat(find(FakeQuery.get("h", "/orders7"))).isEqualTo(NONE);
            assertThat(find(FakeQuery.get("h", "/order"))).isEqualTo(NONE);
        }

        @Test
        void prefersTheLongestPrefixAndTheLeftmostLiteral() {
            int root = put("root", RouteMatch.of(PathMatch.prefix("/")));
            int one = put("one", RouteMatch.of(PathMatch.prefix("/a")));
            int two = put("two", RouteMatch.of(PathMatch.prefix("/a/b")));
            int left = put("left", RouteMatch.of(PathMatch.template("/x/{b}/{c}")));
            int right = put("right", RouteMatch.of(PathMatch.template("/{a}/y/{c}")));
            int both = put("both", RouteMatch.of(PathMatch.template("/{a}/y/z")));

            assertThat(find(FakeQuery.get("h", "/a/b/c/d"))).isEqualTo(two);
            assertThat(find(FakeQuery.get("h", "/a/c"))).isEqualTo(one);
            assertThat(find(FakeQuery.get("h", "/q"))).isEqualTo(root);
            assertThat(find(FakeQuery.get("h", "/x/y/q"))).isEqualTo(left);
            assertThat(find(FakeQuery.get("h", "/q/y/q"))).isEqualTo(right);
            assertThat(find(FakeQuery.get("h", "/x/y/z"))).isEqualTo(both);
        }

        @Test
        void readsTemplateParametersAsOffsets() {
            int route = put("r", RouteMatch.of(PathMatch.template("/users/{id}/files/{rest...}")));
            FakeQuery query = FakeQuery.get("h", "/users/j%C3%B6/files/a/b.txt");

            assertThat(find(query)).isEqualTo(route);

            assertThat(lookup.parameterCount()).isEqualTo(2);
            assertThat(lookup.parameterName(0)).isEqualTo("id");
            assertThat(lookup.parameter("rest")).isEqualTo(1);
            assertThat(lookup.parameter("other")).isEqualTo(-1);
            assertThat(parameter(query, 0)).isEqualTo("j%C3%B6");
            assertThat(parameter(query, 1)).isEqualTo("a/b.txt");
        }

        @Test
        void takesAnEmptyTailButNotAMissingOne() {
            int tail = put("tail", RouteMatch.of(PathMatch.template("/files/{rest...}")));
            int prefix = put("prefix", RouteMatch.of(PathMatch.prefix("/files")));
            int all = put("all", RouteMatch.of(PathMatch.template("/{rest...}")));
            FakeQuery bare = FakeQuery.get("h", "/files/");

            assertThat(find(bare)).isEqualTo(tail);
            assertThat(parameter(bare, 0)).isEmpty();
            assertThat(find(FakeQuery.get("h", "/files"))).isEqualTo(prefix);
            assertThat(find(FakeQuery.get("h", "/other"))).isEqualTo(all);
        }

        @Test
        void matchesRegexesAgainstTheWholePath() {
            int numbers = put("numbers", RouteMatch.of(PathMatch.regex("^/orders/[0-9]+$")));
            int php = put("php", RouteMatch.of(PathMatch.regex(".*\\.php")));
            int catchAll = put("all", RouteMatch.of(PathMatch.prefix("/")));

            assertThat(find(FakeQuery.get("h", "/orders/12"))).isEqualTo(numbers);
            assertThat(find(FakeQuery.get("h", "/orders/12x"))).isEqualTo(catchAll);
            assertThat(find(FakeQuery.get("h", "/x/index.php"))).isEqualTo(php);
            assertThat(find(FakeQuery.get("h", "/x/index.phpx"))).isEqualTo(catchAll);
        }

        @Test
        void doesNotMistakeAnAlternativeForALiteral() {
            int route = put("r", RouteMatch.of(PathMatch.regex("/a[(]|/b")));

            assertThat(find(FakeQuery.get("h", "/b"))).isEqualTo(route);
            assertThat(find(FakeQuery.get("h", "/a("))).isEqualTo(route);
        }

        @Test
        void findsPathsWithMoreSegmentsThanItKeeps() {
            String deep = "/s".repeat(200);
            int exact = put("exact", RouteMatch.of(PathMatch.exact(deep)));
            int prefix = put("prefix", RouteMatch.of(PathMatch.prefix("/s".repeat(64))));

            assertThat(find(FakeQuery.get("h", deep))).isEqualTo(exact);
            assertThat(find(FakeQuery.get("h", deep + "/"))).isEqualTo(prefix);
        }

        @Test
        void findsEachOfTwoPathsWithTheSameHash() {
            String[] twins = pathsOfOneHash(new Random(7));
            int first = put("first", RouteMatch.of(PathMatch.exact("/" + twins[0])));
            int second = put("second", RouteMatch.of(PathMatch.exact("/" + twins[1])));

            assertThat(find(FakeQuery.get("h", "/" + twins[0]))).isEqualTo(first);
            assertThat(find(FakeQuery.get("h", "/" + twins[1]))).isEqualTo(second);
            writer.remove("first");
            assertThat(find(FakeQuery.get("h", "/" + twins[0]))).isEqualTo(NONE);
            assertThat(find(FakeQuery.get("h", "/" + twins[1]))).isEqualTo(second);
            int again = put("first", RouteMatch.of(PathMatch.exact("/" + twins[0])));
            assertThat(find(FakeQuery.get("h", "/" + twins[0]))).isEqualTo(again);
        }

        private String parameter(FakeQuery query, int index) {
            return new String(
                    query.bytes(),
                    lookup.parameterOffset(index),
                    lookup.parameterLength(index),
                    StandardCharsets.ISO_8859_1);
        }

        // Two words each: after the first words differ, the second word of one is chosen so that the hashes meet again.
        private static String[] pathsOfOneHash(Random random) {
            while (true) {
                byte[] first = printable(random);
                byte[] second = printable(random);
                byte[] tail = printable(random);
                long meeting = RouteHash.mix(RouteHash.SEGMENT_SEED, word(first)) ^ word(tail);
                long other = meeting ^ RouteHash.mix(RouteHash.SEGMENT_SEED, word(second));
                byte[] otherTail = new byte[8];
                boolean isPrintable = true;
                for (int i = 0; i < 8; i++) {
                    otherTail[i] = (byte) (other >>> (8 * i));
                    isPrintable &= otherTail[i] > ' ' && otherTail[i] < 127 && otherTail[i] != '/';
                }
                if (isPrintable) {
                    return new String[] {text(first) + text(tail), text(second) + text(otherTail)};
                }
            }
        }

        private static byte[] printable(Random random) {
            byte[] bytes = new byte[8];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) ('a' + random.nextInt(26));
            }
            return bytes;
        }

        private static String text(byte[] bytes) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }

        private static long word(byte[] bytes) {
            long word = 0;
            for (int i = 0; i < 8; i++) {
                word |= (bytes[i] & 0xffL) << (8 * i);
            }
            return word;
        }
    }

    @Nested
    class Conditions {
        @Test
        void answersMethodNotAllowedOnlyWhenNothingElseFailed() {
            put("read", any(List.of("GET", "HEAD"), List.of(), List.of()));
            put("purge", any(List.of("PURGE"), List.of(), List.of()));
            put("beta", any(List.of("DELETE"), List.of(FieldMatch.exact("X-Beta", "1")), List.of()));

            assertThat(find(FakeQuery.of("PUT", "h", "/"))).isEqualTo(METHOD_NOT_ALLOWED);
            assertThat(lookup.allowHeader()).isEqualTo("GET, HEAD, PURGE");
            assertThat(find(FakeQuery.of("PURGE", "h", "/"))).isGreaterThan(0);
            assertThat(find(FakeQuery.of("get", "h", "/"))).isEqualTo(METHOD_NOT_ALLOWED);
            assertThat(find(FakeQuery.of("PUT", "h", "/").header("x-beta", "1")))
                    .isEqualTo(METHOD_NOT_ALLOWED);
            assertThat(lookup.allowHeader()).isEqualTo("GET, HEAD, DELETE, PURGE");
        }

        @Test
        void prefersMethodThenHeadersThenQueryThenSourceThenPriorityThenName() {
            FakeQuery query = FakeQuery.get("h", "/?q=1").header("x", "1").from(10, 1, 2, 3);
            put("z", RouteMatch.of(PathMatch.prefix("/")));
            int b = put("b", RouteMatch.of(PathMatch.prefix("/")));
            assertThat(find(query)).isEqualTo(b);
            int priority = put("c", 5, ListenerSet.ALL, RouteMatch.of(PathMatch.prefix("/")));
            assertThat(find(query)).isEqualTo(priority);
            int wide = put("wide", from("10.0.0.0/8"));
            assertThat(find(query)).isEqualTo(wide);
            int narrow = put("zz", from("10.1.0.0/16"));
            assertThat(find(query)).isEqualTo(narrow);
            int parameter = put("p", any(List.of(), List.of(), List.of(FieldMatch.exact("q", "1"))));
            assertThat(find(query)).isEqualTo(parameter);
            int header = put("h", any(List.of(), List.of(FieldMatch.present("X")), List.of()));
            assertThat(find(query)).isEqualTo(header);
            int method = put("m", any(List.of("GET"), List.of(), List.of()));
            assertThat(find(query)).isEqualTo(method);
        }

        @Test
        void comparesHeadersByEachOfTheirValues() {
            int exact = put("0-exact", any(List.of(), List.of(FieldMatch.exact("X-Ring", "blue")), List.of()));
            int regex = put("1-regex", any(List.of(), List.of(FieldMatch.regex("X-Ring", "v[0-9]+")), List.of()));
            int absent = put("2-absent", any(List.of(), List.of(FieldMatch.absent("X-Ring")), List.of()));
            int present = put("3-present", any(List.of(), List.of(FieldMatch.present("X-Ring")), List.of()));

            assertThat(find(FakeQuery.get("h", "/").header("x-ring", "blue"))).isEqualTo(exact);
            assertThat(find(FakeQuery.get("h", "/").header("x-ring", "red").header("x-ring", "blue")))
                    .isEqualTo(exact);
            assertThat(find(FakeQuery.get("h", "/").header("x-ring", "v12"))).isEqualTo(regex);
            assertThat(find(FakeQuery.get("h", "/").header("x-ring", "v12x"))).isEqualTo(present);
            assertThat(find(FakeQuery.get("h", "/"))).isEqualTo(absent);
        }

        @Test
        void comparesQueryParametersDecoded() {
            int exact = put("0-exact", any(List.of(), List.of(), List.of(FieldMatch.exact("na me", "a&b é"))));
            int regex = put("1-regex", any(List.of(), List.of(), List.of(FieldMatch.regex("v", "[0-9]+"))));
            int absent = put("2-absent", any(List.of(), List.of(), List.of(FieldMatch.absent("v"))));

            assertThat(find(FakeQuery.get("h", "/?x=1&na%20me=a%26b+%C3%A9"))).isEqualTo(exact);
            assertThat(find(FakeQuery.get("h", "/?v=%31%32"))).isEqualTo(regex);
            assertThat(find(FakeQuery.get("h", "/?v=x&v=3"))).isEqualTo(regex);
            assertThat(find(FakeQuery.get("h", "/?v"))).isEqualTo(NONE);
            assertThat(find(FakeQuery.get("h", "/?w=%zz"))).isEqualTo(absent);
        }

        @Test
        void keepsAddressFamiliesApart() {
            int v4 = put("v4", from("0.0.0.0/0"));
            int v6 = put("v6", from("2001:db8::/33"));

            assertThat(find(FakeQuery.get("h", "/").from(192, 0, 2, 1))).isEqualTo(v4);
            assertThat(find(FakeQuery.get("h", "/").fromV6(0x20010db8_7fff_ffffL, 9)))
                    .isEqualTo(v6);
            assertThat(find(FakeQuery.get("h", "/").fromV6(0x20010db8_8000_0000L, 9)))
                    .isEqualTo(NONE);
            assertThat(find(FakeQuery.get("h", "/").fromV6(0, 1))).isEqualTo(NONE);
        }

        @Test
        void servesOnlyTheListenersNamed() {
            int inner = put("inner", 0, ListenerSet.of(List.of(3, 70)), RouteMatch.of(PathMatch.prefix("/")));

            assertThat(find(FakeQuery.get("h", "/").listener(70))).isEqualTo(inner);
            assertThat(find(FakeQuery.get("h", "/").listener(3))).isEqualTo(inner);
            assertThat(find(FakeQuery.get("h", "/").listener(4))).isEqualTo(NONE);
            assertThat(find(FakeQuery.get("h", "/").listener(700))).isEqualTo(NONE);
        }
    }

    @Nested
    class WhenEdited {
        @Test
        void keepsOldVersionsReadableUntilTheyAreRetired() {
            int first = put("r", RouteMatch.of(PathMatch.prefix("/a")));
            RouteTable before = writer.publish();
            writer.remove("r");
            int second = put("s", RouteMatch.of(PathMatch.prefix("/a")));
            RouteTable after = writer.publish();

            assertThat(lookup.find(before, FakeQuery.get("h", "/a"))).isEqualTo(first);
            assertThat(lookup.find(after, FakeQuery.get("h", "/a"))).isEqualTo(second);
            assertThat(after.version()).isGreaterThan(before.version());
        }

        @Test
        void refusesANinthLiveTable() {
            for (int i = 0; i < RouteTableWriter.TABLES_MAX; i++) {
                put("r" + i, RouteMatch.of(PathMatch.prefix("/" + i)));
                writer.publish();
            }

            assertThat(writer.canPublish()).isFalse();
            assertThatThrownBy(writer::publish).isInstanceOf(IllegalStateException.class);
            writer.retireBelow(3);
            assertThat(writer.liveTables()).isEqualTo(6);
            assertThat(writer.canPublish()).isTrue();
        }

        @Test
        void takesBackWhatWasNotPublished() {
            int kept = put("kept", RouteMatch.of(PathMatch.prefix("/a")));
            RouteTable first = writer.publish();
            writer.remove("kept");
            put("other", RouteMatch.of(PathMatch.prefix("/b")));
            writer.rollback();

            assertThat(find(FakeQuery.get("h", "/a"))).isEqualTo(kept);
            assertThat(find(FakeQuery.get("h", "/b"))).isEqualTo(NONE);
            assertThat(writer.routeCount()).isEqualTo(1);
            assertThat(lookup.find(first, FakeQuery.get("h", "/a"))).isEqualTo(kept);
        }

        @Test
        void forgetsAVersionThatWasOnlyTried() {
            int kept = put("kept", RouteMatch.of(PathMatch.prefix("/a")));
            writer.publish();
            put("kept", RouteMatch.of(PathMatch.prefix("/b")));
            RouteTable tried = writer.publish();
            writer.discard(tried);

            assertThat(writer.liveTables()).isEqualTo(1);
            assertThat(find(FakeQuery.get("h", "/a"))).isEqualTo(kept);
            assertThat(find(FakeQuery.get("h", "/b"))).isEqualTo(NONE);
        }

        @Test
        void usesNoMoreMemoryAfterAThousandVersionsThanAfterTen() {
            for (int i = 0; i < 500; i++) {
                put("r" + i, RouteMatch.of("h" + i % 7, PathMatch.prefix("/p" + i)));
            }
            writer.publish();
            long afterTen = 0;
            for (int i = 0; i < 1000; i++) {
                int at = i % 500;
                writer.remove("r" + at);
                put("r" + at, RouteMatch.of("h" + at % 7, PathMatch.prefix("/p" + at)));
                RouteTable table = writer.publish();
                writer.retireBelow(table.version());
                if (i == 10) {
                    afterTen = writer.offHeapBytesUsed();
                }
            }

            assertThat(writer.offHeapBytesUsed()).isEqualTo(afterTen);
        }

        @Test
        void isEmptyAgainWhenEverythingIsRemoved() {
            for (int i = 0; i < 300; i++) {
                put("r" + i, RouteMatch.of("*.h" + i, PathMatch.template("/p/{x}/" + i)));
            }
            writer.retire(writer.publish().version());
            for (int i = 0; i < 300; i++) {
                assertThat(writer.remove("r" + i)).isTrue();
            }
            RouteTable empty = writer.publish();
            writer.retireBelow(empty.version());

            assertThat(writer.remove("r1")).isFalse();
            assertThat(empty.hostRoot).isZero();
            assertThat(empty.wildcardLabels).isZero();
            assertThat(lookup.find(empty, FakeQuery.get("a.h1", "/p/1/1"))).isEqualTo(NONE);
        }
    }

    @Nested
    class WhenSomethingCannotStand {
        @Test
        void saysWhichRouteAndMatchAndWhatIsWanted() {
            assertRefused(PathMatch.prefix("orders"), "route \"bad\": matches[0]", "begins with a slash");
            assertRefused(PathMatch.regex("/a(?=b)"), "RE2");
            assertRefused(PathMatch.template("/a{b}"), "wanted a literal, {name}");
            assertRefused(PathMatch.template("/{a...}/b"), "must be last");
            assertRefused(PathMatch.template("/{a}/{a}"), "twice");
            assertRefused(PathMatch.prefix("/a".repeat(65)), "more than 64 segments");
        }

        @Test
        void leavesTheTableAsItWas() {
            int route = put("bad", RouteMatch.of(PathMatch.prefix("/a")));

            assertRefused(PathMatch.regex("["), "regex");

            assertThat(find(FakeQuery.get("h", "/a"))).isEqualTo(route);
        }

        private void assertRefused(PathMatch path, String... words) {
            assertThatThrownBy(() -> put("bad", RouteMatch.of(path)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll(words);
        }
    }
}
