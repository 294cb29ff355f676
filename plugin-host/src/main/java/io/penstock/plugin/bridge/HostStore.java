package io.penstock.plugin.bridge;

import io.penstock.mark.WorkerConfined;
import io.penstock.plugin.kv.KeyValues;
import io.penstock.plugin.kv.Operation;
import io.penstock.plugin.kv.WorkerStore;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Value;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One namespace of the plugin's store, as a script sees it through one call. */
@WorkerConfined
public final class HostStore {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final ScriptHost host;
    private final ScriptCall call;
    private final WorkerStore store;
    private final String namespace;

    HostStore(ScriptHost host, ScriptCall call, WorkerStore store, String namespace) {
        this.host = host;
        this.call = call;
        this.store = store;
        this.namespace = namespace;
    }

    /** JSON text of what the worker remembers; null if it remembers nothing. */
    @HostAccess.Export
    @Nullable
    public String peek(String key) {
        return store.peek(namespace, key);
    }

    /**
     * Does one operation, and settles its promise when the answer is there.
     *
     * @param what its name in lower case
     * @param key the key; the prefix of a list
     * @param value JSON text; of incr the summand; of cas and list a JSON array of what they take more
     * @return null, or what is wrong with it
     */
    @HostAccess.Export
    @Nullable
    public String ask(String what, String key, String value, double ttlMs, Value resolve, Value reject) {
        Operation operation;
        try {
            operation = operation(what, key, value, (long) ttlMs);
        } catch (NumberFormatException notWhole) {
            return "incr adds whole numbers, and \"" + value + "\" is none";
        }
        store.ask(operation, new KeyValues.Answer() {
            @Override
            public void done(@Nullable String result) {
                host.soon(call, () -> resolve.executeVoid(result));
            }

            @Override
            public void refused(String why) {
                host.soon(call, () -> reject.executeVoid(why));
            }
        });
        return null;
    }

    private Operation operation(String what, String key, String value, long ttlMs) {
        return switch (what) {
            case "get" -> new Operation.Get(namespace, key);
            case "put" -> new Operation.Put(namespace, key, value, ttlMs);
            case "delete" -> new Operation.Delete(namespace, key);
            case "incr" -> new Operation.Incr(namespace, key, Long.parseLong(value), ttlMs);
            case "cas" -> {
                JsonNode pair = JSON.readTree(value);
                JsonNode expected = pair.get(0);
                yield new Operation.Cas(
                        namespace,
                        key,
                        expected.isNull() ? null : expected.asString(),
                        pair.get(1).asString(),
                        ttlMs);
            }
            case "list" -> {
                JsonNode more = JSON.readTree(value);
                yield new Operation.List(
                        namespace, key, more.get(0).asString(), more.get(1).asInt(Operation.LIST_MAX));
            }
            default -> throw new IllegalArgumentException("the store has no operation of this name");
        };
    }
}
