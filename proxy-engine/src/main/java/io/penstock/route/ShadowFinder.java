package io.penstock.route;

import io.penstock.config.Cidr;
import io.penstock.config.FieldMatch;
import io.penstock.config.FieldMatchType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Finds rules that can never win, around the rules of one route: under the same host and path, a rule whose conditions
 * another one in front of it all implies; and a prefix or open template under a regex that takes whatever begins with its
 * literal text. Other pairs overlap without one covering the other, or stand in an order that lets both win.
 */
final class ShadowFinder {
    /** Findings at most for one route. */
    static final int WARNINGS_MAX = 32;

    private static final int LOOKED_AT_MAX = 4096;

    private final RouteTable table;
    private final TableEditor editor;
    private final Map<String, RouteEntry> entries;
    private final Atoms atoms;
    private final List<RouteWarning> warnings = new ArrayList<>();
    private int budget = LOOKED_AT_MAX;

    ShadowFinder(RouteTable draft, TableEditor editor, Map<String, RouteEntry> entries, Atoms atoms) {
        this.table = draft;
        this.editor = editor;
        this.entries = entries;
        this.atoms = atoms;
    }

    List<RouteWarning> find(List<Rule> rules) {
        for (Rule rule : rules) {
            int host = editor.findHost(rule.host());
            int paths = Pages.page(table.pages, host).getInt(Pages.offset(host) + Layout.HOST_PATHS);
            lookInBucket(host, editor.findBucket(paths, rule.path()), rule);
            if (isOpen(rule.path().shape().kind())) {
                lookInFront(host, paths, rule);
            }
            RegexProgram regex = rule.path().regex();
            if (regex != null && regex.takesAnyRest()) {
                lookBehind(host, paths, rule);
            }
        }
        return List.copyOf(warnings);
    }

    private void lookInBucket(int host, int bucket, Rule rule) {
        boolean isInFront = true;
        for (int ref : refs(bucket)) {
            Rule other = rule(host, bucket, ref, rule.host());
            if (other == null) {
                return;
            }
            if (other.entry().name().equals(rule.entry().name())) {
                isInFront = isInFront && other.match() != rule.match();
            } else if (isInFront && covers(other, rule)) {
                warn(RouteWarning.Code.UNREACHABLE, rule, other);
            } else if (!isInFront && covers(rule, other)) {
                warn(RouteWarning.Code.SHADOWS, rule, other);
            }
        }
    }

    // Regexes whose literal segments lead to an open rule: one probe for each number of segments.
    private void lookInFront(int host, int paths, Rule rule) {
        byte[] lead = openLead(rule.path());
        PathScan scan = new PathScan();
        scan.scan(new UnsafeBuffer(lead), 0, lead.length);
        for (int depth = 0; depth <= Math.min(scan.segments, PathScan.SEGMENTS_MAX); depth++) {
            PathShape shape = new PathShape(PathShape.REGEX, depth, 0);
            byte[] text = Arrays.copyOf(lead, depth == 0 ? 0 : scan.prefixLength[depth]);
            long hash = scan.hash(PathShape.REGEX, depth, 0);
            int bucket = editor.findBucket(paths, new PathPattern(shape, text, hash, List.of(), null));
            for (int ref : refs(bucket)) {
                Rule other = rule(host, bucket, ref, rule.host());
                if (other != null && takesAll(other, rule) && covers(other, rule)) {
                    warn(RouteWarning.Code.UNREACHABLE, rule, other);
                }
            }
        }
    }

    private void lookBehind(int host, int paths, Rule rule) {
        HashTrie.forEach(table.pages, paths, bucket -> {
            UnsafeBuffer page = Pages.page(table.pages, bucket);
            budget--;
            if (isOpen(page.getByte(Pages.offset(bucket) + Layout.BUCKET_KIND))) {
                for (int ref : refs(bucket)) {
                    Rule other = rule(host, bucket, ref, rule.host());
                    if (other != null && takesAll(rule, other) && covers(rule, other)) {
                        warn(RouteWarning.Code.SHADOWS, rule, other);
                    }
                }
            }
            return budget > 0 && warnings.size() < WARNINGS_MAX;
        });
    }

    private static boolean isOpen(int kind) {
        return kind == PathShape.PREFIX || kind == PathShape.TAIL;
    }

    private int[] refs(int bucketRef) {
        if (bucketRef == 0) {
            return new int[0];
        }
        UnsafeBuffer page = Pages.page(table.pages, bucketRef);
        int bucket = Pages.offset(bucketRef);
        int[] refs = new int[Math.min(LOOKED_AT_MAX, page.getInt(bucket + Layout.BUCKET_RULES))];
        for (int i = 0; i < refs.length; i++) {
            refs[i] = page.getInt(bucket + Layout.BUCKET_REFS + (i << 2));
        }
        return refs;
    }

    // The rule as it was written, or null when enough was looked at.
    private @Nullable Rule rule(int host, int bucket, int ref, HostPattern pattern) {
        if (--budget < 0 || warnings.size() >= WARNINGS_MAX) {
            return null;
        }
        RuleReading reading = new RuleReading(table, host, bucket, ref);
        RouteEntry entry = entries.get(reading.name());
        if (entry == null) {
            return null;
        }
        for (Rule rule : Rule.of(entry, atoms)) {
            if (rule.match() == reading.match() && rule.host().equals(pattern)) {
                return rule;
            }
        }
        return null;
    }

    // What every path of an open pattern begins with.
    private static byte[] openLead(PathPattern path) {
        if (path.shape().kind() == PathShape.PREFIX) {
            return path.text();
        }
        int leading = Long.numberOfLeadingZeros(~path.shape().literals());
        int end = 0;
        for (int slashes = 0; end < path.text().length; end++) {
            if (path.text()[end] == '/' && ++slashes > leading) {
                break;
            }
        }
        return Arrays.copyOf(path.text(), end);
    }

    private static boolean takesAll(Rule regexRule, Rule open) {
        RegexProgram regex = regexRule.path().regex();
        if (regex == null || !regex.takesAnyRest()) {
            return false;
        }
        byte[] lead = openLead(open.path());
        // Behind a tail's fixed part, and behind the empty prefix, there is always a slash.
        boolean hasSlash = lead.length == 0 || open.path().shape().kind() == PathShape.TAIL;
        byte[] certain = Arrays.copyOf(lead, lead.length + (hasSlash ? 1 : 0));
        if (hasSlash) {
            certain[lead.length] = '/';
        }
        byte[] literal = regex.literal();
        return literal.length <= certain.length
                && Arrays.equals(literal, 0, literal.length, certain, 0, literal.length);
    }

    private static boolean covers(Rule front, Rule behind) {
        Rule.Conditions wide = front.conditions();
        Rule.Conditions narrow = behind.conditions();
        return front.entry().listeners().covers(behind.entry().listeners())
                && (wide.methods().isEmpty()
                        || (!narrow.methods().isEmpty() && wide.methods().containsAll(narrow.methods())))
                && implied(wide.headers(), narrow.headers())
                && implied(wide.query(), narrow.query())
                && coversSources(wide.sources(), narrow.sources())
                && coversRegex(front.path().regex(), behind.path().regex());
    }

    private static boolean coversRegex(@Nullable RegexProgram front, @Nullable RegexProgram behind) {
        return front == null || front.equals(behind) || (front.takesAnyRest() && isLed(front, behind));
    }

    // A regex that takes any rest covers another with a literal text as long or longer, and every open path it leads
    // to.
    private static boolean isLed(RegexProgram front, @Nullable RegexProgram behind) {
        byte[] lead = front.literal();
        return behind == null
                || (behind.literal().length >= lead.length
                        && Arrays.equals(lead, 0, lead.length, behind.literal(), 0, lead.length));
    }

    private static boolean implied(List<FieldMatch> wanted, List<FieldMatch> given) {
        return wanted.stream()
                .allMatch(want -> given.stream()
                        .anyMatch(have -> have.equals(want)
                                || (want.type() == FieldMatchType.PRESENT
                                        && have.type() != FieldMatchType.ABSENT
                                        && have.name().equals(want.name()))));
    }

    private static boolean coversSources(List<Cidr> wide, List<Cidr> narrow) {
        return wide.isEmpty()
                || (!narrow.isEmpty()
                        && narrow.stream().allMatch(inner -> wide.stream().anyMatch(outer -> outer.covers(inner))));
    }

    private void warn(RouteWarning.Code code, Rule rule, Rule other) {
        if (warnings.size() >= WARNINGS_MAX) {
            return;
        }
        Rule front = code == RouteWarning.Code.SHADOWS ? rule : other;
        Rule behind = code == RouteWarning.Code.SHADOWS ? other : rule;
        String detail = "route \"" + behind.entry().name() + "\": matches[" + behind.match()
                + "] is unreachable for host " + behind.host() + ": every request it fits goes to route \""
                + front.entry().name() + "\", which comes first";
        warnings.add(new RouteWarning(
                code, rule.entry().name(), rule.match(), other.entry().name(), other.match(), detail));
    }
}
