package io.penstock.admin.resource;

import io.penstock.config.RetryCondition;
import io.penstock.config.SecretValue;
import io.penstock.config.Setting;
import io.penstock.config.ValueText;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes trees from config records: members in the order of the components, values in their canonical text. */
final class RecordWriter {
    /** Whether members are written that hold nothing but their default. */
    enum View {
        /** Everything, so that a reader needs to know no default. */
        FULL,
        /** What a person would write. */
        BRIEF,
        /** Everything, and what is encrypted: for the store alone. */
        STORED,
        /** Everything, and what is secret: for the command, which sends what it read. */
        SENT
    }

    private RecordWriter() {}

    static ObjectNode write(Record record, View view) {
        ObjectNode object = JsonText.NODES.objectNode();
        RecordShape shape = RecordShape.of(record.getClass());
        shape.tag().ifPresent(tag -> object.put("type", tag));
        for (RecordShape.Component component : shape.components()) {
            Object value = component.of(record);
            if (value instanceof Optional<?> optional) {
                optional.ifPresent(present -> object.set(component.name(), value(present, view)));
            } else if (value instanceof Setting<?> setting) {
                if (setting.isWritten()) {
                    object.set(
                            component.name(),
                            setting.value().map(held -> value(held, view)).orElseGet(JsonText.NODES::nullNode));
                }
            } else if (view != View.BRIEF || !component.absent().equals(Optional.of(value))) {
                object.set(component.name(), value(value, view));
            }
        }
        return object;
    }

    static JsonNode value(Object value, View view) {
        return switch (value) {
            case Boolean truth -> JsonText.NODES.booleanNode(truth);
            case Integer number -> JsonText.NODES.numberNode(number.intValue());
            case Long number -> JsonText.NODES.numberNode(number.longValue());
            case Double number -> JsonText.NODES.numberNode(number.doubleValue());
            case RetryCondition condition
            when condition.kind() == RetryCondition.Kind.STATUS -> JsonText.NODES.numberNode(condition.status());
            case JsonNode node -> node;
            case io.penstock.config.JsonText foreign -> JsonText.parse(foreign.text());
            case SecretValue secret -> SecretJson.write(secret, view);
            case List<?> list -> list(list, view);
            case Map<?, ?> map -> map(map, view);
            case Record record when !isText(record) -> write(record, view);
            default -> JsonText.NODES.stringNode(ValueText.format(value));
        };
    }

    // The permitted records of a sealed type written as one word, such as a listen address, are no leaf types
    // themselves.
    private static boolean isText(Record record) {
        if (ValueText.isLeaf(record.getClass())) {
            return true;
        }
        for (Class<?> type : record.getClass().getInterfaces()) {
            if (ValueText.isLeaf(type)) {
                return true;
            }
        }
        return false;
    }

    private static ArrayNode list(List<?> list, View view) {
        ArrayNode array = JsonText.NODES.arrayNode();
        for (Object element : list) {
            array.add(value(element, view));
        }
        return array;
    }

    private static ObjectNode map(Map<?, ?> map, View view) {
        ObjectNode object = JsonText.NODES.objectNode();
        map.forEach((name, value) -> object.set(name.toString(), value(value, view)));
        return object;
    }

    static Object valueOf(RecordComponent component, Record record) {
        try {
            return component.getAccessor().invoke(record);
        } catch (IllegalAccessException notPublic) {
            throw new IllegalStateException(component + " is not public", notPublic);
        } catch (InvocationTargetException failed) {
            throw new IllegalStateException(component + " failed", failed.getCause());
        }
    }
}
