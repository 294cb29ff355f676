package io.penstock.plugin.js;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where the lines of a bundle came from: a source map of version 3 (ECMA-426), whose mappings are base 64 VLQ numbers,
 * each relative to the one before it. Kept as flat arrays and searched by halving.
 */
public final class SourceMap {
    private static final int FIELDS = 4;
    private static final String DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private static final int SEGMENTS_MAX = 2_000_000;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final List<String> sources;
    // For each generated line, the first of its segments; one more at the end.
    private int[] lineStarts = new int[64];
    private int lines;
    // For each segment: generated column, source, source line, source column; all from 0.
    private int[] segments = new int[256];
    private int count;

    /** A position in an author's file; line and column from 1. */
    public record Position(String source, int line, int column) {}

    private SourceMap(List<String> sources) {
        this.sources = sources;
    }

    /**
     * Reads a map.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static SourceMap read(byte[] json) {
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (JacksonException notJson) {
            throw new IllegalArgumentException("the source map is no JSON: " + notJson.getOriginalMessage(), notJson);
        }
        if (root.path("version").asInt(0) != 3 || !root.path("mappings").isString()) {
            throw new IllegalArgumentException("this is no source map of version 3");
        }
        String root0 = root.path("sourceRoot").asString("");
        List<String> sources = new ArrayList<>();
        for (JsonNode source : root.path("sources")) {
            sources.add(plain(root0 + source.asString("")));
        }
        SourceMap map = new SourceMap(List.copyOf(sources));
        map.decode(root.path("mappings").asString());
        return map;
    }

    private static String plain(String source) {
        String path = source;
        while (path.startsWith("../") || path.startsWith("./")) {
            path = path.substring(path.indexOf('/') + 1);
        }
        return path;
    }

    private void decode(String mappings) {
        int[] values = new int[FIELDS];
        int at = 0;
        beginLine();
        while (at < mappings.length()) {
            char c = mappings.charAt(at);
            if (c == ';') {
                values[0] = 0;
                beginLine();
                at++;
            } else if (c == ',') {
                at++;
            } else {
                at = segment(mappings, at, values);
            }
        }
        beginLine();
    }

    private void beginLine() {
        if (lines == lineStarts.length) {
            lineStarts = Arrays.copyOf(lineStarts, lines * 2);
        }
        lineStarts[lines++] = count;
    }

    private int segment(String mappings, int from, int[] values) {
        int at = from;
        int field = 0;
        while (at < mappings.length() && mappings.charAt(at) != ',' && mappings.charAt(at) != ';') {
            long number = 0;
            int shift = 0;
            int digit;
            do {
                digit = at < mappings.length() ? DIGITS.indexOf(mappings.charAt(at++)) : -1;
                if (digit < 0 || shift > 30) {
                    throw new IllegalArgumentException(
                            "the source map's mappings are damaged at character " + (at - 1));
                }
                number |= (long) (digit & 31) << shift;
                shift += 5;
            } while ((digit & 32) != 0);
            if (field < FIELDS) {
                values[field] += (int) ((number & 1) == 0 ? number >>> 1 : -(number >>> 1));
            }
            field++;
        }
        // A segment of one field says that this part of the bundle comes from nowhere.
        if (field >= FIELDS) {
            add(values);
        }
        return at;
    }

    private void add(int[] values) {
        if (count >= SEGMENTS_MAX) {
            throw new IllegalArgumentException("the source map has more than " + SEGMENTS_MAX + " segments");
        }
        if ((count + 1) * FIELDS > segments.length) {
            segments = Arrays.copyOf(segments, segments.length * 2);
        }
        System.arraycopy(values, 0, segments, count * FIELDS, FIELDS);
        count++;
    }

    /**
     * Where a position of the bundle came from.
     *
     * @param line from 1
     * @param column from 1
     */
    public Optional<Position> find(int line, int column) {
        if (line < 1 || line >= lines) {
            return Optional.empty();
        }
        int low = lineStarts[line - 1];
        int high = lineStarts[line] - 1;
        int found = -1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (segments[middle * FIELDS] <= column - 1) {
                found = middle;
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        if (found < 0) {
            return Optional.empty();
        }
        int source = segments[found * FIELDS + 1];
        if (source < 0 || source >= sources.size()) {
            return Optional.empty();
        }
        return Optional.of(
                new Position(sources.get(source), segments[found * FIELDS + 2] + 1, segments[found * FIELDS + 3] + 1));
    }
}
