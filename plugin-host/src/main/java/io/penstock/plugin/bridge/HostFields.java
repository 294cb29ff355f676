package io.penstock.plugin.bridge;

import io.penstock.http.Fields;
import io.penstock.mark.WorkerConfined;
import org.graalvm.polyglot.HostAccess;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a live message as a script reads and edits them. Faults are returned as texts: throwing across the border
 * costs microseconds.
 */
@WorkerConfined
public final class HostFields {
    private final ScriptCall call;
    private final Section section;

    /** Where the fields are: asked each time, since a head moves when its exchange has to wait. */
    interface Section {
        Fields section();
    }

    HostFields(ScriptCall call, Section section) {
        this.call = call;
        this.section = section;
    }

    private Fields fields() {
        call.requireLive();
        return section.section();
    }

    /** The value, several joined by commas; null if there is none. */
    @HostAccess.Export
    @Nullable
    public String get(String name) {
        Fields fields = fields();
        String lowerName = FieldGuard.lower(name);
        int first = fields.find(lowerName);
        if (first < 0) {
            return null;
        }
        String value = fields.value(first);
        int next = fields.find(lowerName, first + 1);
        if (next < 0) {
            return value;
        }
        StringBuilder all = new StringBuilder(value);
        for (; next >= 0; next = fields.find(lowerName, next + 1)) {
            all.append(", ").append(fields.value(next));
        }
        return all.toString();
    }

    /** Whether there is such a field. */
    @HostAccess.Export
    public boolean has(String name) {
        return fields().find(FieldGuard.lower(name)) >= 0;
    }

    /** Replaces all fields of a name by one; null, or what is wrong. */
    @HostAccess.Export
    @Nullable
    public String set(String name, String value) {
        return edit(name, value, true);
    }

    /** Adds a field; null, or what is wrong. */
    @HostAccess.Export
    @Nullable
    public String append(String name, String value) {
        return edit(name, value, false);
    }

    @Nullable
    private String edit(String name, String value, boolean isReplacing) {
        Fields fields = fields();
        String lowerName = FieldGuard.lower(name);
        String refusal = FieldGuard.refusal(lowerName);
        if (refusal != null) {
            return refusal;
        }
        if (lowerName.equals("host")) {
            return call.setHost(value);
        }
        try {
            if (isReplacing) {
                fields.set(name, value);
            } else {
                fields.add(name, value);
            }
            return null;
        } catch (IllegalArgumentException | IllegalStateException wrong) {
            return String.valueOf(wrong.getMessage());
        }
    }

    /** Removes all fields of a name; null, or why not. */
    @HostAccess.Export
    @Nullable
    public String delete(String name) {
        Fields fields = fields();
        String lowerName = FieldGuard.lower(name);
        String refusal = FieldGuard.refusal(lowerName);
        if (refusal == null) {
            fields.remove(lowerName);
        }
        return refusal;
    }

    /** How many fields there are. */
    @HostAccess.Export
    public int count() {
        return fields().count();
    }

    /** A name in lower case. */
    @HostAccess.Export
    public String nameAt(int index) {
        return FieldGuard.lower(fields().name(index));
    }

    /** A value. */
    @HostAccess.Export
    public String valueAt(int index) {
        return fields().value(index);
    }
}
