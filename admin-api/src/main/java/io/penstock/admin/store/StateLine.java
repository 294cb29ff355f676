package io.penstock.admin.store;

import java.io.IOException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One resource as one line of an exported snapshot or of a stored image, itself a JSON object.
 *
 * <p>{@code {"lastChanged":41,"type":"routes","name":"orders","resource":{...}}}. The resource's text is taken over
 * unparsed, so that its hash stays the same; it can be cut out again since the mark before it cannot stand inside a JSON
 * string, where every quotation mark has a backslash.
 *
 * @param key which resource
 * @param resource its text and the revision that last changed it
 */
record StateLine(ResourceKey key, StoredResource resource) {

    private static final String MARK = ",\"resource\":";
    private static final JsonMapper JSON = JsonMapper.shared();

    String text() {
        StringBuilder line = new StringBuilder(resource.json().length() + 96);
        line.append("{\"lastChanged\":").append(resource.lastChanged()).append(",\"type\":\"");
        JsonStringEncoder.getInstance().quoteAsString(key.type(), line);
        line.append("\",\"name\":\"");
        JsonStringEncoder.getInstance().quoteAsString(key.name(), line);
        return line.append('"').append(MARK).append(resource.json()).append('}').toString();
    }

    /** @throws IOException if the line is not one of ours */
    static StateLine parse(String line) throws IOException {
        int mark = line.indexOf(MARK);
        if (mark < 0 || !line.endsWith("}")) {
            throw new IOException("not a line of a snapshot: " + line.substring(0, Math.min(40, line.length())));
        }
        try {
            JsonNode head = JSON.readTree(line.substring(0, mark) + "}");
            String json = line.substring(mark + MARK.length(), line.length() - 1);
            return new StateLine(
                    new ResourceKey(
                            head.required("type").stringValue(),
                            head.required("name").stringValue()),
                    new StoredResource(json, head.required("lastChanged").longValue()));
        } catch (JacksonException | IllegalArgumentException broken) {
            throw new IOException("not a line of a snapshot: " + broken.getMessage(), broken);
        }
    }
}
