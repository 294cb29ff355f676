package io.penstock.filter;

import io.penstock.config.QueryEdits;
import io.penstock.http.ByteBuilder;
import io.penstock.http.PercentCodec;
import io.penstock.spi.RequestValues;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Changes of a query, compiled: rename, remove, set, add. Parameters that no change names stay as they came, byte for byte. */
final class QueryRewrite {
    private final byte[][] renamedFrom;
    private final byte[][] renamedTo;
    private final byte[][] removed;
    private final byte[][] added;
    private final Template[] values;

    QueryRewrite(QueryEdits edits) {
        renamedFrom = edits.rename().keySet().stream().map(QueryRewrite::bytes).toArray(byte[][]::new);
        renamedTo = edits.rename().values().stream().map(QueryRewrite::encoded).toArray(byte[][]::new);
        List<String> gone = new ArrayList<>(edits.remove());
        gone.addAll(edits.set().keySet());
        // A parameter that another is renamed to gives way, as header fields do.
        gone.addAll(edits.rename().values());
        removed = gone.stream().map(QueryRewrite::bytes).toArray(byte[][]::new);
        List<Map.Entry<String, String>> written = new ArrayList<>(edits.set().entrySet());
        written.addAll(edits.add().entrySet());
        added = written.stream().map(each -> encoded(each.getKey())).toArray(byte[][]::new);
        values = written.stream().map(each -> Template.of(each.getValue())).toArray(Template[]::new);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] encoded(String text) {
        ByteBuilder encoded = new ByteBuilder(64);
        byte[] bytes = bytes(text);
        PercentCodec.encode(bytes, 0, bytes.length, encoded);
        return Arrays.copyOf(encoded.array(), encoded.length());
    }

    /** Appends the changed query. @return false if a value does not fit */
    boolean fill(RequestValues from, Template.Filler filler, ByteBuilder scratch, ByteBuilder into) {
        return fill(from.request().query().getBytes(StandardCharsets.ISO_8859_1), from, filler, scratch, into);
    }

    /** The same of another query than the request's. */
    boolean fill(byte[] query, RequestValues from, Template.Filler filler, ByteBuilder scratch, ByteBuilder into) {
        int start = into.length();
        int at = 0;
        while (at < query.length) {
            int end = indexOf(query, (byte) '&', at, query.length);
            copy(query, at, end, start, scratch, into);
            at = end + 1;
        }
        for (int i = 0; i < added.length; i++) {
            separate(start, into);
            into.append(added[i]).append((byte) '=');
            if (!values[i].fill(from, Template.Place.QUERY, Template.BYTES_MAX, filler, into)) {
                return false;
            }
        }
        return true;
    }

    private void copy(byte[] query, int from, int to, int start, ByteBuilder scratch, ByteBuilder into) {
        int nameEnd = indexOf(query, (byte) '=', from, to);
        scratch.clear();
        PercentCodec.decode(query, from, nameEnd - from, true, scratch);
        byte[] renamed = null;
        for (int i = 0; i < renamedFrom.length; i++) {
            if (isIn(scratch, renamedFrom[i])) {
                renamed = renamedTo[i];
            }
        }
        if (renamed == null && isRemoved(scratch)) {
            return;
        }
        separate(start, into);
        if (renamed == null) {
            into.append(query, from, to - from);
        } else {
            into.append(renamed).append(query, nameEnd, to - nameEnd);
        }
    }

    private boolean isRemoved(ByteBuilder name) {
        for (byte[] each : removed) {
            if (isIn(name, each)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isIn(ByteBuilder name, byte[] wanted) {
        return Arrays.equals(name.array(), 0, name.length(), wanted, 0, wanted.length);
    }

    private static void separate(int start, ByteBuilder into) {
        if (into.length() > start) {
            into.append((byte) '&');
        }
    }

    private static int indexOf(byte[] bytes, byte wanted, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return to;
    }
}
