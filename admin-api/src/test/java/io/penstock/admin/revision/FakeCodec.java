package io.penstock.admin.revision;

import io.penstock.admin.store.ResourceKey;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Remembers every part by its text; survives a restart of the pipeline within one test. */
final class FakeCodec implements ConfigCodec {

    private final Map<String, Record> parts = new ConcurrentHashMap<>();

    @Override
    public String toJson(Record part) {
        String json = "{\"text\":\"" + part.toString().replace("\\", "\\\\").replace("\"", "\\\"") + "\"}";
        parts.put(json, part);
        return json;
    }

    @Override
    public Record fromJson(ResourceKey key, String json) {
        Record part = parts.get(json);
        if (part == null) {
            throw new IllegalArgumentException(json + " was never written here");
        }
        return part;
    }

    /** Makes everything unreadable, as an unknown format would. */
    void forgetAll() {
        parts.clear();
    }
}
