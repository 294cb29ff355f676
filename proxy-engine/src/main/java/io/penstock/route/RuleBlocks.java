package io.penstock.route;

import io.penstock.config.Cidr;
import io.penstock.config.FieldMatch;
import io.penstock.config.FieldMatchType;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Writes rules as blocks, takes them back, and says in which order they stand. Control thread only. */
final class RuleBlocks {
    private static final long MAPPED_IPV4 = 0xffffL << 32;

    private final BlockStore blocks;
    private final Atoms atoms;
    private final MethodBits methods;
    private final ExpandableArrayBuffer scratch = new ExpandableArrayBuffer();

    RuleBlocks(BlockStore blocks, Atoms atoms, MethodBits methods) {
        this.blocks = blocks;
        this.atoms = atoms;
        this.methods = methods;
    }

    /** Writes a rule; it holds on to its heap objects until {@link #drop}. */
    int write(Rule rule) {
        Rule.Conditions conditions = rule.conditions();
        byte[] name = rule.entry().name().getBytes(StandardCharsets.UTF_8);
        int conditionsLength = writeConditions(conditions);
        int flags = flags(rule, conditionsLength);
        int ref = blocks.allocate(Layout.nameAt(flags) + name.length + conditionsLength);
        blocks.putInt(ref, Layout.RULE_EPOCH, blocks.epoch());
        blocks.putInt(ref, Layout.RULE_ROUTE, rule.entry().routeId());
        blocks.putInt(ref, Layout.RULE_PRIORITY, rule.entry().priority());
        blocks.putByte(ref, Layout.RULE_FLAGS, flags);
        blocks.putByte(ref, Layout.RULE_NAME_LENGTH, name.length);
        blocks.putShort(ref, Layout.RULE_MATCH, rule.match());
        if ((flags & Layout.HAS_METHODS) != 0) {
            long mask = 0;
            for (String method : conditions.methods()) {
                mask |= 1L << methods.acquire(method);
            }
            blocks.putLong(ref, Layout.RULE_BODY, mask);
        }
        if ((flags & Layout.HAS_LISTENERS) != 0) {
            blocks.putInt(
                    ref, Layout.listenersAt(flags), atoms.acquire(rule.entry().listeners()));
        }
        if ((flags & Layout.HAS_PARAMETERS) != 0) {
            int id = atoms.acquire(new ParameterNames(rule.path().parameterNames()));
            blocks.putInt(ref, Layout.parametersAt(flags), id);
        }
        RegexProgram regex = rule.path().regex();
        if (regex != null) {
            blocks.putInt(ref, Layout.regexAt(flags), atoms.acquire(regex));
        }
        if ((flags & Layout.HAS_CONDITIONS) != 0) {
            blocks.putInt(ref, Layout.conditionsBytesAt(flags), conditionsLength);
            byte[] bytes = new byte[conditionsLength];
            scratch.getBytes(0, bytes);
            blocks.putBytes(ref, Layout.nameAt(flags) + name.length, bytes);
        }
        blocks.putBytes(ref, Layout.nameAt(flags), name);
        return ref;
    }

    private static int flags(Rule rule, int conditionsLength) {
        return (rule.conditions().methods().isEmpty() ? 0 : Layout.HAS_METHODS)
                | (rule.entry().listeners().isAll() ? 0 : Layout.HAS_LISTENERS)
                | (rule.path().parameterNames().isEmpty() ? 0 : Layout.HAS_PARAMETERS)
                | (rule.path().regex() == null ? 0 : Layout.HAS_REGEX)
                | (conditionsLength == 0 ? 0 : Layout.HAS_CONDITIONS);
    }

    private int writeConditions(Rule.Conditions conditions) {
        List<Cidr> sources = conditions.sources();
        if (conditions.headers().isEmpty() && conditions.query().isEmpty() && sources.isEmpty()) {
            return 0;
        }
        scratch.putByte(0, (byte) conditions.headers().size());
        scratch.putByte(1, (byte) conditions.query().size());
        scratch.putShort(2, (short) sources.size());
        int at = Layout.CONDITIONS_HEAD;
        for (FieldMatch header : conditions.headers()) {
            at = writeField(header, at);
        }
        for (FieldMatch parameter : conditions.query()) {
            at = writeField(parameter, at);
        }
        for (Cidr source : sources) {
            scratch.putByte(at, (byte) (source.v6() ? 1 : 0));
            scratch.putByte(at + 1, (byte) source.prefix());
            scratch.putLong(at + 2, source.high());
            scratch.putLong(at + 10, source.v6() ? source.low() : source.low() | MAPPED_IPV4);
            at += Layout.SOURCE_BYTES;
        }
        return at;
    }

    private int writeField(FieldMatch field, int offset) {
        int at = offset;
        scratch.putByte(at, (byte) type(field.type()));
        scratch.putInt(at + 1, atoms.acquire(new FieldName(field.name())));
        at += 5;
        String value = field.value().orElse("");
        switch (field.type()) {
            case EXACT -> {
                byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
                scratch.putShort(at, (short) bytes.length);
                scratch.putBytes(at + 2, bytes);
                at += 2 + bytes.length;
            }
            case REGEX -> {
                scratch.putInt(at, atoms.acquire(PathPattern.program(value, atoms)));
                at += 4;
            }
            case PRESENT, ABSENT -> {}
        }
        return at;
    }

    private static int type(FieldMatchType type) {
        return switch (type) {
            case EXACT -> Layout.FIELD_EXACT;
            case REGEX -> Layout.FIELD_REGEX;
            case PRESENT -> Layout.FIELD_PRESENT;
            case ABSENT -> Layout.FIELD_ABSENT;
        };
    }

    /** Gives a rule up, and its heap objects. */
    void drop(int ref) {
        UnsafeBuffer page = Pages.page(blocks.buffers(), ref);
        int rule = Pages.offset(ref);
        int flags = Layout.u8(page, rule + Layout.RULE_FLAGS);
        if ((flags & Layout.HAS_METHODS) != 0) {
            for (long mask = page.getLong(rule + Layout.RULE_BODY); mask != 0; mask &= mask - 1) {
                methods.release(MethodBits.name(methods.tokens(), Long.numberOfTrailingZeros(mask)));
            }
        }
        if ((flags & Layout.HAS_LISTENERS) != 0) {
            release(page.getInt(rule + Layout.listenersAt(flags)));
        }
        if ((flags & Layout.HAS_PARAMETERS) != 0) {
            release(page.getInt(rule + Layout.parametersAt(flags)));
        }
        if ((flags & Layout.HAS_REGEX) != 0) {
            release(page.getInt(rule + Layout.regexAt(flags)));
        }
        if ((flags & Layout.HAS_CONDITIONS) != 0) {
            releaseFields(page, Layout.conditions(page, rule, flags));
        }
        blocks.drop(ref, Layout.ruleBytes(page, rule), page.getInt(rule + Layout.RULE_EPOCH));
    }

    private void releaseFields(UnsafeBuffer page, int conditions) {
        int fields = Layout.u8(page, conditions) + Layout.u8(page, conditions + 1);
        int at = conditions + Layout.CONDITIONS_HEAD;
        for (int i = 0; i < fields; i++) {
            release(page.getInt(at + 1));
            if (page.getByte(at) == Layout.FIELD_REGEX) {
                release(page.getInt(at + 5));
            }
            at += Layout.fieldBytes(page, at);
        }
    }

    private void release(int id) {
        if (atoms.release(id)) {
            blocks.dropAtom(id);
        }
    }

    /**
     * Where a rule stands beside one that is written, both under the same host and path: negative if the written one comes
     * first, 0 if it is this rule.
     */
    int compareWritten(int ref, Rule rule) {
        UnsafeBuffer page = Pages.page(blocks.buffers(), ref);
        int at = Pages.offset(ref);
        int flags = Layout.u8(page, at + Layout.RULE_FLAGS);
        Rule.Conditions conditions = rule.conditions();
        int order = Integer.compare(conditions.methods().isEmpty() ? 0 : 1, flags & Layout.HAS_METHODS);
        if (order == 0) {
            boolean hasConditions = (flags & Layout.HAS_CONDITIONS) != 0;
            int written = Layout.conditions(page, at, flags);
            order = Integer.compare(conditions.headers().size(), hasConditions ? Layout.u8(page, written) : 0);
            if (order == 0) {
                order = Integer.compare(conditions.query().size(), hasConditions ? Layout.u8(page, written + 1) : 0);
            }
            if (order == 0) {
                order = Integer.compare(rule.sourceBits(), hasConditions ? sourceBits(page, written) : -1);
            }
        }
        if (order == 0) {
            order = Integer.compare(rule.entry().priority(), page.getInt(at + Layout.RULE_PRIORITY));
        }
        if (order == 0) {
            byte[] name = new byte[Layout.u8(page, at + Layout.RULE_NAME_LENGTH)];
            page.getBytes(at + Layout.nameAt(flags), name);
            order = Arrays.compareUnsigned(name, rule.entry().name().getBytes(StandardCharsets.UTF_8));
        }
        return order != 0 ? order : Integer.compare(Layout.u16(page, at + Layout.RULE_MATCH), rule.match());
    }

    /** {@link Rule#sourceBits} of a written rule. */
    static int sourceBits(UnsafeBuffer page, int conditions) {
        int sources = Layout.u16(page, conditions + 2);
        int at = Layout.sources(page, conditions);
        int bits = sources == 0 ? -1 : Integer.MAX_VALUE;
        for (int i = 0; i < sources; i++) {
            int prefix = Layout.u8(page, at + 1);
            bits = Math.min(bits, page.getByte(at) == 0 ? prefix + 96 : prefix);
            at += Layout.SOURCE_BYTES;
        }
        return bits;
    }
}
