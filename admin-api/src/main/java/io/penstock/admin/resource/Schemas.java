package io.penstock.admin.resource;

import io.penstock.config.Bandwidth;
import io.penstock.config.ByteSize;
import io.penstock.config.Cidr;
import io.penstock.config.Doc;
import io.penstock.config.ErrorMatch;
import io.penstock.config.HostHeader;
import io.penstock.config.HostPort;
import io.penstock.config.ListenAddress;
import io.penstock.config.Rate;
import io.penstock.config.RecordDefaults;
import io.penstock.config.RetryCondition;
import io.penstock.config.SecretValue;
import io.penstock.config.Setting;
import io.penstock.config.Share;
import io.penstock.config.StatusRange;
import io.penstock.config.StickyBy;
import io.penstock.config.TypeTag;
import io.penstock.config.ValueText;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes JSON Schemas (2020-12) of records, by the same components, annotations and defaults that the binder goes by. One
 * instance gathers all records that the schemas refer to.
 */
final class Schemas {
    private static final Map<Class<?>, String[]> TEXTS = Map.ofEntries(
            Map.entry(Duration.class, new String[] {"^[0-9]+(ms|s|m|h|d)$", "30s"}),
            Map.entry(ByteSize.class, new String[] {"^[0-9]+(B|KiB|MiB|GiB|TiB)?$", "64KiB"}),
            Map.entry(Rate.class, new String[] {"^[0-9]+/[smhd]$", "100/s"}),
            Map.entry(Share.class, new String[] {"^[0-9]+(\\.[0-9]+)?%$", "20%"}),
            Map.entry(StatusRange.class, new String[] {"^([1-5]xx|[1-5][0-9]{2}(-[1-5][0-9]{2})?)$", "2xx"}),
            Map.entry(HostPort.class, new String[] {"", "10.0.0.7:8080"}),
            Map.entry(ListenAddress.class, new String[] {"", "0.0.0.0:80"}),
            Map.entry(Cidr.class, new String[] {"", "10.0.0.0/8"}),
            Map.entry(ErrorMatch.class, new String[] {"^([45][0-9]{2}|[45]xx|reason:[a-z][a-z0-9-]*)$", "5xx"}),
            Map.entry(StickyBy.class, new String[] {"^(cookie|consumer|clientAddress|(header|cookie):.+)$", "cookie"}),
            Map.entry(HostHeader.class, new String[] {"", "preserve"}),
            Map.entry(
                    RetryCondition.class, new String[] {"^(connectFailure|reset|timeout|5xx|[45][0-9][0-9])$", "503"}),
            Map.entry(Bandwidth.class, new String[] {"^[0-9]+(bit/s|kbit/s|Mbit/s|Gbit/s)$", "20Mbit/s"}));

    private final String prefix;
    private final Map<String, ObjectNode> done = new TreeMap<>();
    private final Deque<Class<?>> owed = new ArrayDeque<>();

    /** Schemas whose references begin with a prefix. */
    Schemas(String prefix) {
        this.prefix = prefix;
    }

    /** What a record's schema is called: its class without {@code Config} or {@code View}. */
    static String nameOf(Class<?> record) {
        String name = record.getSimpleName();
        return name.endsWith("Config") || name.endsWith("View")
                ? name.substring(0, name.length() - (name.endsWith("View") ? 4 : 6))
                : name;
    }

    /** The schema of one resource, self-contained. */
    static ObjectNode standalone(Class<? extends Record> record) {
        Schemas schemas = new Schemas("#/$defs/");
        ObjectNode root = schemas.object(record);
        Map<String, ObjectNode> inner = schemas.all();
        ObjectNode schema = JsonText.NODES.objectNode().put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.setAll(root);
        if (!inner.isEmpty()) {
            ObjectNode defs = schema.putObject("$defs");
            inner.forEach(defs::set);
        }
        return schema;
    }

    void add(Class<?> record) {
        owed.add(record);
    }

    /** Every schema asked for, and every one that these refer to, by name. */
    Map<String, ObjectNode> all() {
        while (!owed.isEmpty()) {
            Class<?> next = owed.poll();
            if (!done.containsKey(nameOf(next))) {
                // Put first: a record may hold records of its own type.
                done.put(nameOf(next), JsonText.NODES.objectNode());
                done.put(nameOf(next), next.isSealed() ? oneOf(next) : object(next));
            }
        }
        return done;
    }

    private ObjectNode object(Class<?> record) {
        ObjectNode schema = JsonText.NODES.objectNode().put("type", "object");
        Doc doc = record.getAnnotation(Doc.class);
        if (doc != null) {
            schema.put("description", doc.value());
        }
        ObjectNode properties = schema.putObject("properties");
        ArrayNode required = JsonText.NODES.arrayNode();
        TypeTag tag = record.getAnnotation(TypeTag.class);
        if (tag != null && !tag.byMember()) {
            properties.putObject("type").put("const", tag.value());
            required.add("type");
        }
        for (RecordComponent component : record.getRecordComponents()) {
            properties.set(RecordShape.nameOf(component), member(component));
            boolean chooses = tag != null && tag.byMember() && tag.value().equals(RecordShape.nameOf(component));
            if (chooses || defaultOf(component).isEmpty()) {
                required.add(RecordShape.nameOf(component));
            }
        }
        if (!required.isEmpty()) {
            schema.set("required", required);
        }
        return isConfig(record) ? schema.put("additionalProperties", false) : schema;
    }

    private static boolean isConfig(Class<?> record) {
        return record.getPackage().equals(Doc.class.getPackage());
    }

    private static Optional<Object> defaultOf(RecordComponent component) {
        return isConfig(component.getDeclaringRecord())
                ? RecordDefaults.defaultOf(component)
                : component.getType() == Optional.class ? Optional.of("") : Optional.empty();
    }

    private ObjectNode member(RecordComponent component) {
        ObjectNode schema = schema(component.getGenericType());
        Doc doc = component.getAnnotation(Doc.class);
        if (doc != null) {
            schema.put("description", doc.value());
        }
        if (isConfig(component.getDeclaringRecord())
                && component.getType() != Optional.class
                && component.getType() != Setting.class) {
            RecordDefaults.defaultOf(component).ifPresent(value -> schema.set("default", defaultText(value)));
        }
        return schema;
    }

    static JsonNode defaultText(Object value) {
        return value instanceof Record record && !ValueText.isLeaf(record.getClass())
                ? RecordWriter.write(record, RecordWriter.View.BRIEF)
                : RecordWriter.value(value, RecordWriter.View.FULL);
    }

    private ObjectNode schema(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            if (generic.getRawType() == Optional.class) {
                return schema(arguments[0]);
            }
            if (generic.getRawType() == Setting.class) {
                ObjectNode schema = JsonText.NODES.objectNode();
                ArrayNode ways = schema.putArray("oneOf");
                ways.add(schema(arguments[0]));
                ways.addObject().put("type", "null");
                return schema;
            }
            if (generic.getRawType() == List.class) {
                return JsonText.NODES.objectNode().put("type", "array").set("items", schema(arguments[0]));
            }
            return JsonText.NODES.objectNode().put("type", "object").set("additionalProperties", schema(arguments[1]));
        }
        Class<?> raw = (Class<?>) type;
        if (JsonNode.class.isAssignableFrom(raw)) {
            return JsonText.NODES.objectNode();
        }
        if (raw == io.penstock.config.JsonText.class) {
            return JsonText.NODES.objectNode().put("type", "object");
        }
        if (raw == Instant.class) {
            return JsonText.NODES.objectNode().put("type", "string").put("format", "date-time");
        }
        if (raw == SecretValue.class) {
            return secret();
        }
        if (ValueText.isLeaf(raw)) {
            return leaf(raw);
        }
        owed.add(raw);
        return JsonText.NODES.objectNode().put("$ref", prefix + nameOf(raw));
    }

    private static ObjectNode secret() {
        ObjectNode schema = JsonText.NODES.objectNode();
        ArrayNode ways = schema.putArray("oneOf");
        ways.addObject()
                .put("type", "string")
                .put("writeOnly", true)
                .put("minLength", SecretValue.CHARS_MIN)
                .put("maxLength", SecretValue.CHARS_MAX);
        ObjectNode stored = ways.addObject().put("type", "object").put("additionalProperties", false);
        stored.putObject("properties").putObject("stored").put("type", "string");
        stored.putArray("required").add("stored");
        return schema;
    }

    private static ObjectNode leaf(Class<?> type) {
        ObjectNode schema = JsonText.NODES.objectNode();
        switch (LeafKind.of(type)) {
            case NUMBER -> schema.put("type", "integer");
            case TRUTH -> schema.put("type", "boolean");
            case TEXT_OR_NUMBER -> schema.putArray("type").add("string").add("integer");
            case TEXT -> schema.put("type", "string");
        }
        if (ValueText.isChoice(type)) {
            ArrayNode words = schema.putArray("enum");
            ValueText.words(type).forEach(words::add);
        }
        String[] text = TEXTS.get(type);
        if (text != null) {
            if (!text[0].isEmpty()) {
                schema.put("pattern", text[0]);
            }
            schema.putArray("examples").add(text[1]);
        }
        return schema;
    }

    private ObjectNode oneOf(Class<?> sealed) {
        ObjectNode schema = JsonText.NODES.objectNode();
        ArrayNode choices = schema.putArray("oneOf");
        ObjectNode mapping = JsonText.NODES.objectNode();
        RecordBinder.choices(sealed).forEach((tag, record) -> {
            owed.add(record);
            choices.addObject().put("$ref", prefix + nameOf(record));
            if (!record.getAnnotation(TypeTag.class).byMember()) {
                mapping.put(tag, prefix + nameOf(record));
            }
        });
        schema.putObject("discriminator").put("propertyName", "type").set("mapping", mapping);
        return schema;
    }
}
