package io.penstock.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes config records whose absent members take their defaults. The annotations on the components are the only place
 * where a default stands; whoever binds documents or generates schemas asks here.
 *
 * <p>A component takes, in this order: the text of its {@link Default}; empty, if it is an {@code Optional}, a {@link Setting}, a list or a map;
 * the record of defaults, if it is a record of members; else it is required.
 */
public final class RecordDefaults {
    // A pure function of the class, kept because the JDK reads the annotations anew at each call: 100 000 routes would
    // spend seconds on their defaults. Every default is immutable and therefore shared.
    private static final ClassValue<Shape> SHAPES = new ClassValue<>() {
        @Override
        protected Shape computeValue(Class<?> type) {
            return shape(type);
        }
    };

    private record Shape(Constructor<?> constructor, List<String> names, List<Optional<Object>> defaults) {}

    private RecordDefaults() {}

    /** The record with every member absent. */
    public static <R extends Record> R of(Class<R> type) {
        return of(type, Map.of());
    }

    /**
     * The record with the members given, by component name.
     *
     * @throws InvalidValueException if a required member is not given, or the record refuses a value
     */
    public static <R extends Record> R of(Class<R> type, Map<String, Object> given) {
        Shape shape = SHAPES.get(type);
        Object[] values = new Object[shape.names().size()];
        List<ValueFault> faults = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            String name = shape.names().get(i);
            Object value = given.get(name);
            Optional<Object> chosen = value == null ? shape.defaults().get(i) : Optional.of(value);
            if (chosen.isPresent()) {
                values[i] = chosen.get();
            } else {
                faults.add(new ValueFault(
                        "/" + name, ConfigProblem.REQUIRED, "\"" + name + "\" is missing", Optional.empty()));
            }
        }
        if (!faults.isEmpty()) {
            throw new InvalidValueException(faults);
        }
        return make(type, values);
    }

    /**
     * Calls the canonical constructor.
     *
     * @param values one for each component, in their order
     * @throws InvalidValueException or another {@code IllegalArgumentException} that the constructor throws
     */
    public static <R extends Record> R make(Class<R> type, Object[] values) {
        try {
            return type.cast(SHAPES.get(type).constructor().newInstance(values));
        } catch (InvocationTargetException refused) {
            if (refused.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException("The constructor of " + type + " failed", refused);
        } catch (ReflectiveOperationException notPublic) {
            throw new IllegalStateException(type + " has no public canonical constructor", notPublic);
        }
    }

    /** What the component takes when its member is absent; empty if the member is required. */
    public static Optional<Object> defaultOf(RecordComponent component) {
        Shape shape = SHAPES.get(component.getDeclaringRecord());
        return shape.defaults().get(shape.names().indexOf(component.getName()));
    }

    private static Optional<Object> readDefault(RecordComponent component) {
        Class<?> type = component.getType();
        Default written = component.getAnnotation(Default.class);
        if (written != null) {
            return Optional.of(
                    type == List.class ? list(component, written.value()) : ValueText.parse(type, written.value()));
        }
        if (type == Optional.class) {
            return Optional.of(Optional.empty());
        }
        if (type == Setting.class) {
            return Optional.of(Setting.inherited());
        }
        if (type == List.class) {
            return Optional.of(List.of());
        }
        if (type == Map.class) {
            return Optional.of(Map.of());
        }
        if (type.isRecord() && !ValueText.isLeaf(type) && isAllDefaults(type)) {
            return Optional.of(of(type.asSubclass(Record.class)));
        }
        return Optional.empty();
    }

    private static boolean isAllDefaults(Class<?> record) {
        return SHAPES.get(record).defaults().stream().allMatch(Optional::isPresent);
    }

    private static List<Object> list(RecordComponent component, String text) {
        ParameterizedType generic = (ParameterizedType) component.getGenericType();
        Class<?> element = (Class<?>) generic.getActualTypeArguments()[0];
        return Arrays.stream(text.split(", ", -1))
                .map(each -> ValueText.parse(element, each))
                .toList();
    }

    private static Shape shape(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        try {
            return new Shape(
                    type.getConstructor(Arrays.stream(components)
                            .map(RecordComponent::getType)
                            .toArray(Class<?>[]::new)),
                    Arrays.stream(components).map(RecordComponent::getName).toList(),
                    Arrays.stream(components).map(RecordDefaults::readDefault).toList());
        } catch (NoSuchMethodException notPublic) {
            throw new IllegalStateException(type + " has no public canonical constructor", notPublic);
        }
    }
}
