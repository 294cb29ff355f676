package io.penstock.route;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** One written rule read back for people: its names, its place in the order, and what it wanted of a request. */
final class RuleReading {
    private final RouteTable table;
    private final UnsafeBuffer hostPage;
    private final int host;
    private final UnsafeBuffer bucketPage;
    private final int bucket;
    private final UnsafeBuffer page;
    private final int rule;
    private final int flags;
    private final PathShape shape;

    RuleReading(RouteTable table, int hostRef, int bucketRef, int ruleRef) {
        this.table = table;
        this.hostPage = Pages.page(table.pages, hostRef);
        this.host = Pages.offset(hostRef);
        this.bucketPage = Pages.page(table.pages, bucketRef);
        this.bucket = Pages.offset(bucketRef);
        this.page = Pages.page(table.pages, ruleRef);
        this.rule = Pages.offset(ruleRef);
        this.flags = page.getByte(rule + Layout.RULE_FLAGS);
        this.shape = shape(bucketPage, bucket);
    }

    static PathShape shape(UnsafeBuffer page, int bucket) {
        int kind = page.getByte(bucket + Layout.BUCKET_KIND);
        int text = bucket + Layout.bucketText(page.getInt(bucket + Layout.BUCKET_RULES), kind);
        long literals = Layout.isTemplate(kind) ? page.getLong(text - Long.BYTES) : 0;
        return new PathShape(kind, page.getByte(bucket + Layout.BUCKET_FIXED), literals);
    }

    static String bucketText(UnsafeBuffer page, int bucket) {
        int kind = page.getByte(bucket + Layout.BUCKET_KIND);
        int text = bucket + Layout.bucketText(page.getInt(bucket + Layout.BUCKET_RULES), kind);
        return Layout.text(page, text, Layout.u16(page, bucket + Layout.BUCKET_LENGTH));
    }

    static HostPattern host(UnsafeBuffer page, int host) {
        int text = host + Layout.hostBytes(Layout.u16(page, host + Layout.HOST_SHAPE_COUNT), 0);
        return new HostPattern(
                Layout.u8(page, host + Layout.HOST_FORM),
                Layout.text(page, text, Layout.u8(page, host + Layout.HOST_LENGTH)));
    }

    String name() {
        return Layout.ruleName(page, rule);
    }

    int routeId() {
        return page.getInt(rule + Layout.RULE_ROUTE);
    }

    int match() {
        return Layout.u16(page, rule + Layout.RULE_MATCH);
    }

    int priority() {
        return page.getInt(rule + Layout.RULE_PRIORITY);
    }

    long methods() {
        return (flags & Layout.HAS_METHODS) == 0 ? 0 : page.getLong(rule + Layout.RULE_BODY);
    }

    HostPattern host() {
        return host(hostPage, host);
    }

    /** See {@link RouteCandidate#specificity}. */
    List<Integer> specificity() {
        boolean hasConditions = (flags & Layout.HAS_CONDITIONS) != 0;
        int conditions = Layout.conditions(page, rule, flags);
        int positions = switch (shape.kind()) {
            case PathShape.TEMPLATE -> (int) (shape.literals() >>> 33);
            case PathShape.TAIL -> 1 + (int) (shape.literals() >>> 34);
            default -> 0;
        };
        return List.of(
                Layout.u8(hostPage, host + Layout.HOST_LENGTH),
                Math.max(0, PathShape.TAIL - shape.kind()),
                shape.literalCount(),
                positions,
                shape.kind() == PathShape.TAIL ? shape.fixed() : 0,
                flags & Layout.HAS_METHODS,
                hasConditions ? Layout.u8(page, conditions) : 0,
                hasConditions ? Layout.u8(page, conditions + 1) : 0,
                hasConditions ? RuleBlocks.sourceBits(page, conditions) + 1 : 0);
    }

    /** The path as it was written. */
    String path() {
        String text = bucketText(bucketPage, bucket);
        return switch (shape.kind()) {
            case PathShape.EXACT -> text;
            case PathShape.PREFIX -> text.isEmpty() ? "/" : text;
            case PathShape.REGEX -> table.atoms[page.getInt(rule + Layout.regexAt(flags))].toString();
            default -> template(text);
        };
    }

    private String template(String literalText) {
        List<String> names = (flags & Layout.HAS_PARAMETERS) == 0
                ? List.of()
                : ((ParameterNames) table.atoms[page.getInt(rule + Layout.parametersAt(flags))]).names();
        String[] literals =
                literalText.isEmpty() ? new String[0] : literalText.substring(1).split("/", -1);
        StringBuilder text = new StringBuilder();
        int literal = 0;
        int name = 0;
        for (int i = 0; i < shape.fixed(); i++) {
            boolean isLiteral = (shape.literals() & (Long.MIN_VALUE >>> i)) != 0;
            text.append('/').append(isLiteral ? literals[literal++] : "{" + names.get(name++) + "}");
        }
        if (shape.kind() == PathShape.TAIL) {
            text.append("/{").append(names.get(name)).append("...}");
        }
        return text.toString();
    }

    /** Why a request fails the rule, in words; {@code failure} as {@link RuleMatcher} says it. */
    String because(int failure, RouteQuery query) {
        int index = failure & 0xffff;
        return switch (failure & RuleMatcher.WHAT) {
            case RuleMatcher.PATH -> pathMiss(query);
            case RuleMatcher.LISTENER -> "listener: want " + listeners() + ", got " + query.listenerId();
            case RuleMatcher.METHOD ->
                "method: want " + MethodBits.names(table.methodTokens, methods(), " or ") + ", got "
                        + text(query, query.methodOffset(), query.methodLength());
            case RuleMatcher.HEADER -> "header " + fieldMiss(index, query, true);
            case RuleMatcher.QUERY -> "query parameter " + fieldMiss(index, query, false);
            default -> sourceMiss(query);
        };
    }

    String hostMiss(RouteQuery query) {
        return "host: want " + host() + ", got " + quotedIfEmpty(text(query, query.hostOffset(), query.hostLength()));
    }

    String pathMiss(RouteQuery query) {
        String path = text(query, query.pathOffset(), query.pathLength());
        return switch (shape.kind()) {
            case PathShape.EXACT -> "path: want " + path() + ", got " + path;
            case PathShape.PREFIX -> "path: prefix " + path() + " does not cover " + path;
            case PathShape.REGEX -> "path: regex " + path() + " does not match " + path;
            default -> "path: template " + path() + " does not fit " + path;
        };
    }

    private String listeners() {
        StringBuilder text = new StringBuilder();
        for (int id : ((ListenerSet) table.atoms[page.getInt(rule + Layout.listenersAt(flags))]).ids()) {
            text.append(text.isEmpty() ? "" : " or ").append(id);
        }
        return text.toString();
    }

    private String fieldMiss(int index, RouteQuery query, boolean isHeader) {
        int conditions = Layout.conditions(page, rule, flags);
        int at = conditions + Layout.CONDITIONS_HEAD;
        int before = index + (isHeader ? 0 : Layout.u8(page, conditions));
        for (int i = 0; i < before; i++) {
            at += Layout.fieldBytes(page, at);
        }
        String name = ((FieldName) table.atoms[page.getInt(at + Layout.FIELD_NAME)]).text();
        int value = at + Layout.FIELD_VALUE;
        String wanted = switch (page.getByte(at)) {
            case Layout.FIELD_EXACT -> quotedIfEmpty(Layout.text(page, value + 2, Layout.u16(page, value)));
            case Layout.FIELD_REGEX -> "a match of " + table.atoms[page.getInt(value)];
            case Layout.FIELD_PRESENT -> "any value";
            default -> "none";
        };
        return name + ": want " + wanted + ", got " + (isHeader ? header(query, name) : parameter(query, name));
    }

    private static String header(RouteQuery query, String name) {
        StringBuilder values = new StringBuilder();
        int index = query.header(name, -1);
        if (index < 0) {
            return "none";
        }
        while (index >= 0) {
            values.append(values.isEmpty() ? "" : " and ")
                    .append(quotedIfEmpty(text(query, query.headerOffset(index), query.headerLength(index))));
            index = query.header(name, index);
        }
        return values.toString();
    }

    private static String parameter(RouteQuery query, String name) {
        QueryParameters parameters = new QueryParameters();
        parameters.reset(query.bytes(), query.queryOffset(), query.queryLength());
        StringBuilder values = new StringBuilder();
        byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
        while (parameters.next(nameBytes)) {
            int length = parameters.decodeValue();
            values.append(values.isEmpty() ? "" : " and ")
                    .append(quotedIfEmpty(new String(parameters.decoded(), 0, length, StandardCharsets.UTF_8)));
        }
        return values.isEmpty() ? "none" : values.toString();
    }

    private String sourceMiss(RouteQuery query) {
        int conditions = Layout.conditions(page, rule, flags);
        int count = Layout.u16(page, conditions + 2);
        int at = Layout.sources(page, conditions);
        StringBuilder wanted = new StringBuilder();
        for (int i = 0; i < count; i++) {
            wanted.append(i == 0 ? "" : " or ").append(SourceText.network(page, at));
            at += Layout.SOURCE_BYTES;
        }
        return "source: want " + wanted + ", got "
                + SourceText.address(query.clientAddressHigh(), query.clientAddressLow());
    }

    private static String quotedIfEmpty(String text) {
        return text.isEmpty() ? "\"\"" : text;
    }

    private static String text(RouteQuery query, int offset, int length) {
        return new String(query.bytes(), offset, length, StandardCharsets.ISO_8859_1);
    }
}
