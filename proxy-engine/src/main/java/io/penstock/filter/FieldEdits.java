package io.penstock.filter;

import io.penstock.config.HeaderEdits;
import io.penstock.config.TemplateText;
import io.penstock.http.ByteBuilder;
import io.penstock.http.Fields;
import io.penstock.spi.RequestValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The edits of one direction's header fields as arrays, so that a request needs no iterator: rename, remove, set, add.
 *
 * <p>What is renamed to a name takes the place of the fields that had it: whoever sends a request could else say himself what only
 * the edit should.
 */
final class FieldEdits {
    private static final int[] NOTHING = {};

    private final String[] renamedFrom;
    private final String[] renamedTo;
    private final String[] removed;
    private final String[] added;
    private final String[] values;
    private final Template[] templates;
    private final boolean isFixed;

    FieldEdits(HeaderEdits config) {
        renamedFrom = lower(List.copyOf(config.rename().keySet()));
        renamedTo = config.rename().values().toArray(new String[0]);
        List<String> gone = new ArrayList<>(config.remove());
        gone.addAll(config.set().keySet());
        removed = lower(gone);
        List<Map.Entry<String, String>> written = new ArrayList<>(config.set().entrySet());
        written.addAll(config.add().entrySet());
        added = new String[written.size()];
        values = new String[written.size()];
        templates = new Template[written.size()];
        boolean fixed = true;
        for (int i = 0; i < added.length; i++) {
            TemplateText text = TemplateText.parse(written.get(i).getValue());
            added[i] = written.get(i).getKey();
            values[i] = text.isFixed() ? text.fixed() : "";
            templates[i] = Template.of(text);
            fixed &= text.isFixed();
        }
        isFixed = fixed;
    }

    private static String[] lower(List<String> names) {
        return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).toArray(String[]::new);
    }

    boolean isEmpty() {
        return removed.length == 0 && added.length == 0 && renamedFrom.length == 0;
    }

    /** Whether no value depends on the request. */
    boolean isFixed() {
        return isFixed;
    }

    /** Changes the fields. @return false if a value does not fit */
    boolean apply(Fields fields, RequestValues from, Template.Filler filler, ByteBuilder scratch) {
        // Filled before anything is taken away: a value may come from a field that goes.
        scratch.clear();
        int[] ends = isFixed ? NOTHING : new int[added.length];
        if (!isFixed) {
            for (int i = 0; i < added.length; i++) {
                if (values[i].isEmpty()
                        && !templates[i].fill(from, Template.Place.HEADER, Template.BYTES_MAX, filler, scratch)) {
                    return false;
                }
                ends[i] = scratch.length();
            }
        }
        for (int i = 0; i < renamedFrom.length; i++) {
            rename(fields, renamedFrom[i], renamedTo[i]);
        }
        for (String name : removed) {
            fields.remove(name);
        }
        int begin = 0;
        for (int i = 0; i < added.length; i++) {
            int end = isFixed ? 0 : ends[i];
            if (end > begin) {
                fields.add(added[i], scratch.array(), begin, end - begin);
            } else if (isFixed || !values[i].isEmpty()) {
                fields.add(added[i], values[i]);
            }
            begin = end;
        }
        return true;
    }

    private static void rename(Fields fields, String lowerFrom, String to) {
        String lowerTo = to.toLowerCase(Locale.ROOT);
        if (!lowerTo.equals(lowerFrom)) {
            fields.remove(lowerTo);
        }
        int count = fields.count();
        for (int at = fields.find(lowerFrom); at >= 0 && at < count; at = fields.find(lowerFrom, at)) {
            fields.add(to, fields.bytes(), fields.valueOffset(at), fields.valueLength(at));
            fields.remove(at);
            count--;
        }
    }
}
