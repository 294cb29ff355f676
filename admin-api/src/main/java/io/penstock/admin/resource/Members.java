package io.penstock.admin.resource;

import io.penstock.config.RecordDefaults;
import io.penstock.config.Resource;
import java.lang.reflect.RecordComponent;

/** Copies of config records with one member changed. */
final class Members {
    private Members() {}

    /**
     * The resource with another value of one component.
     *
     * @throws IllegalArgumentException if the record refuses the value
     */
    static Resource with(Resource resource, String name, Object value) {
        return (Resource) with((Record) resource, name, value);
    }

    static <R extends Record> R with(R record, String name, Object value) {
        RecordComponent[] components = record.getClass().getRecordComponents();
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            values[i] = components[i].getName().equals(name) ? value : RecordWriter.valueOf(components[i], record);
        }
        @SuppressWarnings("unchecked") // A record's class is final: it is R.
        Class<R> type = (Class<R>) record.getClass();
        return RecordDefaults.make(type, values);
    }
}
