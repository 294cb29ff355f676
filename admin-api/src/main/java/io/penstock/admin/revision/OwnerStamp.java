package io.penstock.admin.revision;

import io.penstock.config.RecordDefaults;
import io.penstock.config.Resource;
import java.lang.reflect.RecordComponent;
import java.util.Optional;

/** Changes the owner of a resource of any type, by its record's components. */
final class OwnerStamp {

    private OwnerStamp() {}

    static Resource on(Resource resource, Optional<String> owner) {
        Class<? extends Record> type = resource.getClass().asSubclass(Record.class);
        RecordComponent[] components = type.getRecordComponents();
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            values[i] = components[i].getName().equals("owner") ? owner : value(resource, components[i]);
        }
        return (Resource) RecordDefaults.make(type, values);
    }

    private static Object value(Resource resource, RecordComponent component) {
        try {
            return component.getAccessor().invoke(resource);
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException(
                    "A record's accessor is public and does not fail: " + component, impossible);
        }
    }
}
