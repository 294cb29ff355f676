package io.penstock.plugin;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.penstock.spi.PluginRefusedException.Fault;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What settings a plugin takes, as its manifest's JSON Schema (2020-12) says. References outside the schema are not
 * followed.
 */
final class ConfigSchema {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String META = "https://json-schema.org/draft/2020-12/schema";
    private static final int DEPTH_MAX = 32;

    private final @Nullable Schema schema;
    private final JsonNode text;

    private ConfigSchema(@Nullable Schema schema, JsonNode text) {
        this.schema = schema;
        this.text = text;
    }

    /** Reads a manifest's schema; without one any object will do. */
    static ConfigSchema of(Optional<String> schemaText, List<Fault> faults) {
        if (schemaText.isEmpty()) {
            return new ConfigSchema(null, JSON.createObjectNode());
        }
        JsonNode node = JSON.readTree(schemaText.get());
        SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
        int before = faults.size();
        try {
            Schema meta = registry.getSchema(SchemaLocation.of(META));
            for (Error error : meta.validate(schemaText.get(), InputFormat.JSON)) {
                faults.add(new Fault(
                        ManifestReader.FILE + "#/configSchema" + error.getInstanceLocation(),
                        "bad-schema",
                        error.getMessage(),
                        Optional.empty()));
            }
            return faults.size() > before
                    ? new ConfigSchema(null, node)
                    : new ConfigSchema(registry.getSchema(schemaText.get(), InputFormat.JSON), node);
        } catch (RuntimeException unusable) {
            faults.add(new Fault(
                    ManifestReader.FILE + "#/configSchema",
                    "bad-schema",
                    String.valueOf(unusable.getMessage()),
                    Optional.empty()));
            return new ConfigSchema(null, node);
        }
    }

    /**
     * Fills defaults, puts secrets in where they are named, and checks the whole.
     *
     * @param secrets gives a secret of the gateway by its name
     * @param faults get a fault for each violation, with its JSON pointer; none shows a secret
     */
    Settings apply(String config, Function<String, Optional<String>> secrets, List<Fault> faults) {
        JsonNode node;
        try {
            node = JSON.readTree(config);
        } catch (JacksonException notJson) {
            faults.add(new Fault("", "bad-json", notJson.getOriginalMessage(), Optional.empty()));
            return new Settings("{}", List.of());
        }
        if (!(node instanceof ObjectNode settings)) {
            faults.add(new Fault("", "bad-type", "settings are a JSON object", Optional.empty()));
            return new Settings("{}", List.of());
        }
        fill(settings, text, 0);
        List<String> hidden = SettingsSecrets.resolve(settings, text, secrets, faults);
        String filled = settings.toString();
        Schema present = schema;
        if (present != null) {
            for (Error error : present.validate(filled, InputFormat.JSON)) {
                faults.add(new Fault(
                        error.getInstanceLocation().toString(),
                        error.getKeyword(),
                        Hidden.in(error.getMessage(), hidden),
                        Optional.empty()));
            }
        }
        return new Settings(filled, hidden);
    }

    private static void fill(ObjectNode node, JsonNode schema, int depth) {
        if (depth > DEPTH_MAX) {
            return;
        }
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            JsonNode value = node.get(property.getKey());
            JsonNode standard = property.getValue().get("default");
            if (value == null && standard != null) {
                node.set(property.getKey(), standard.deepCopy());
                value = node.get(property.getKey());
            }
            if (value instanceof ObjectNode inner) {
                fill(inner, property.getValue(), depth + 1);
            } else if (value instanceof ArrayNode items) {
                for (JsonNode item : items) {
                    if (item instanceof ObjectNode inner) {
                        fill(inner, property.getValue().path("items"), depth + 1);
                    }
                }
            }
        }
    }
}
