package io.penstock.filter;

import io.penstock.config.JsonBodyEdits;
import io.penstock.config.JsonText;
import io.penstock.config.JsonTree;
import io.penstock.config.TemplateText;
import io.penstock.http.ByteBuilder;
import io.penstock.spi.FilterRefusedException;
import io.penstock.spi.RequestValues;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The edits of one JSON body, compiled: pointers taken apart, values parsed. */
final class JsonEdits {
    private static final int TEXT_BYTES_MAX = 64 * 1024;

    private final List<Rename> renames = new ArrayList<>();
    private final List<List<String>> removes = new ArrayList<>();
    private final List<Setting> settings = new ArrayList<>();

    private record Rename(List<String> path, String to) {}

    /** A value to be set, in which a {@link Template} stands for each text with placeholders. */
    private record Setting(List<String> path, Object value) {}

    JsonEdits(JsonBodyEdits edits) throws FilterRefusedException {
        edits.rename().forEach((pointer, to) -> renames.add(new Rename(path(pointer), to)));
        edits.remove().forEach(pointer -> removes.add(path(pointer)));
        if (edits.set().isPresent()) {
            parse(edits.set().get())
                    .forEach((pointer, value) ->
                            settings.add(new Setting(path(String.valueOf(pointer)), compiled(value))));
        }
    }

    private static Map<?, ?> parse(JsonText set) throws FilterRefusedException {
        try {
            if (JsonTree.parse(set.text()) instanceof Map<?, ?> values) {
                return values;
            }
            throw new FilterRefusedException("/set", "wanted an object from pointers to values");
        } catch (JsonTree.MalformedException malformed) {
            throw new FilterRefusedException("/set", String.valueOf(malformed.getMessage()));
        }
    }

    // RFC 6901 section 4: first ~1, then ~0.
    private static List<String> path(String pointer) {
        List<String> path = new ArrayList<>();
        if (!pointer.isEmpty()) {
            for (String token : pointer.substring(1).split("/", -1)) {
                path.add(token.replace("~1", "/").replace("~0", "~"));
            }
        }
        return path;
    }

    private static Object compiled(Object value) {
        return switch (value) {
            case String text -> {
                TemplateText template = TemplateText.parse(text);
                yield template.isFixed() ? template.fixed() : Template.of(template);
            }
            case Map<?, ?> members -> {
                Map<String, Object> compiled = new LinkedHashMap<>();
                members.forEach((name, member) -> compiled.put(String.valueOf(name), compiled(member)));
                yield compiled;
            }
            case List<?> elements -> {
                List<Object> compiled = new ArrayList<>();
                elements.forEach(element -> compiled.add(compiled(element)));
                yield compiled;
            }
            default -> value;
        };
    }

    /** The changed document; null if a value of the request does not fit. */
    @Nullable
    Object apply(Object document, RequestValues from, Template.Filler filler) {
        for (Rename rename : renames) {
            rename(document, rename);
        }
        Object changed = document;
        for (List<String> path : removes) {
            changed = path.isEmpty() ? JsonTree.NULL : remove(changed, path);
        }
        for (Setting setting : settings) {
            Object value = filled(setting.value(), from, filler);
            if (value == null) {
                return null;
            }
            changed = setting.path().isEmpty() ? value : set(changed, setting.path(), value);
        }
        return changed;
    }

    private static @Nullable Object filled(Object value, RequestValues from, Template.Filler filler) {
        return switch (value) {
            case Template template -> {
                ByteBuilder text = new ByteBuilder(64);
                yield template.fill(from, Template.Place.TEXT, TEXT_BYTES_MAX, filler, text)
                        ? new String(text.array(), 0, text.length(), StandardCharsets.UTF_8)
                        : null;
            }
            case Map<?, ?> members -> {
                Map<String, Object> filled = new LinkedHashMap<>();
                for (Map.Entry<?, ?> member : members.entrySet()) {
                    Object each = filled(member.getValue(), from, filler);
                    if (each == null) {
                        yield null;
                    }
                    filled.put(String.valueOf(member.getKey()), each);
                }
                yield filled;
            }
            case List<?> elements -> {
                List<Object> filled = new ArrayList<>();
                for (Object element : elements) {
                    Object each = filled(element, from, filler);
                    if (each == null) {
                        yield null;
                    }
                    filled.add(each);
                }
                yield filled;
            }
            default -> value;
        };
    }

    // ---- walking ----

    // The value that holds the last part of a path; null if the way does not exist.
    private static @Nullable Object holder(Object document, List<String> path) {
        Object at = document;
        for (int i = 0; i < path.size() - 1; i++) {
            Object next = child(at, path.get(i));
            if (next == null) {
                return null;
            }
            at = next;
        }
        return at;
    }

    private static @Nullable Object child(Object at, String token) {
        if (at instanceof Map<?, ?> members) {
            return members.get(token);
        }
        if (at instanceof List<?> elements) {
            int index = index(token, elements.size());
            return index < 0 ? null : elements.get(index);
        }
        return null;
    }

    // Digits without leading zeros (RFC 6901 section 4), below the size; else -1.
    private static int index(String token, int size) {
        if (token.isEmpty() || token.length() > 9 || (token.length() > 1 && token.charAt(0) == '0')) {
            return -1;
        }
        int index = 0;
        for (int i = 0; i < token.length(); i++) {
            char c = token.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            index = index * 10 + c - '0';
        }
        return index < size ? index : -1;
    }

    @SuppressWarnings("unchecked") // Maps of a tree have strings for keys.
    private static Map<String, Object> members(Map<?, ?> map) {
        return (Map<String, Object>) map;
    }

    @SuppressWarnings("unchecked") // Lists of a tree hold values of a tree.
    private static List<Object> elements(List<?> list) {
        return (List<Object>) list;
    }

    private static void rename(Object document, Rename rename) {
        String old = rename.path().getLast();
        if (holder(document, rename.path()) instanceof Map<?, ?> found && found.containsKey(old)) {
            Map<String, Object> members = members(found);
            Object value = members.remove(old);
            if (value != null) {
                members.put(rename.to(), value);
            }
        }
    }

    private static Object remove(Object document, List<String> path) {
        Object holder = holder(document, path);
        if (holder instanceof Map<?, ?> members) {
            members.remove(path.getLast());
        } else if (holder instanceof List<?> elements) {
            int index = index(path.getLast(), elements.size());
            if (index >= 0) {
                elements.remove(index);
            }
        }
        return document;
    }

    private static Object set(Object document, List<String> path, Object value) {
        Object at = document;
        for (int i = 0; i < path.size() - 1; i++) {
            Object next = child(at, path.get(i));
            if (next == null && at instanceof Map<?, ?> members) {
                next = path.get(i + 1).equals("-") ? new ArrayList<Object>() : new LinkedHashMap<String, Object>();
                members(members).put(path.get(i), next);
            }
            if (next == null) {
                return document;
            }
            at = next;
        }
        String last = path.getLast();
        if (at instanceof Map<?, ?> members) {
            members(members).put(last, value);
        } else if (at instanceof List<?> found) {
            List<Object> elements = elements(found);
            int index = index(last, elements.size());
            if (index >= 0) {
                elements.set(index, value);
            } else if (last.equals("-")) {
                elements.add(value);
            }
        }
        return document;
    }
}
