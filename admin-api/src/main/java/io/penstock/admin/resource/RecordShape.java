package io.penstock.admin.resource;

import io.penstock.config.Member;
import io.penstock.config.Planned;
import io.penstock.config.RecordDefaults;
import io.penstock.config.TypeTag;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What binding and writing a record of the model need of its class. A pure function of the class, kept because the JDK
 * reads components and annotations anew at each call: a document of 100 000 routes spent half of its time on that.
 */
final class RecordShape {
    private static final ClassValue<RecordShape> SHAPES = new ClassValue<>() {
        @Override
        protected RecordShape computeValue(Class<?> type) {
            return new RecordShape(type);
        }
    };

    private final List<Component> components;
    private final Optional<String> tag;
    private final List<String> memberNames;
    private final Set<String> members;
    private final Set<String> planned;

    /** One member. */
    record Component(String name, Type type, Method accessor, RecordComponent declared) {
        /** What it is where it is not written; empty if it is required. Only for what is read, not for mere views. */
        Optional<Object> absent() {
            return RecordDefaults.defaultOf(declared);
        }

        Object of(Record record) {
            try {
                return accessor.invoke(record);
            } catch (IllegalAccessException notPublic) {
                throw new IllegalStateException(accessor + " is not public", notPublic);
            } catch (InvocationTargetException failed) {
                throw new IllegalStateException(accessor + " failed", failed.getCause());
            }
        }
    }

    private RecordShape(Class<?> type) {
        this.components = Arrays.stream(type.getRecordComponents())
                .map(RecordShape::component)
                .toList();
        this.tag = Optional.ofNullable(type.getAnnotation(TypeTag.class))
                .filter(chooser -> !chooser.byMember())
                .map(TypeTag::value);
        List<String> names = new ArrayList<>();
        if (tag.isPresent()) {
            names.add("type");
        }
        components.forEach(component -> names.add(component.name()));
        this.memberNames = List.copyOf(names);
        this.members = new HashSet<>(names);
        Planned later = type.getAnnotation(Planned.class);
        this.planned = later == null ? Set.of() : Set.of(later.value());
    }

    private static Component component(RecordComponent component) {
        return new Component(nameOf(component), component.getGenericType(), component.getAccessor(), component);
    }

    /** The name of a component's member in documents. */
    static String nameOf(RecordComponent component) {
        Member named = component.getAnnotation(Member.class);
        return named == null ? component.getName() : named.value();
    }

    static RecordShape of(Class<?> type) {
        return SHAPES.get(type);
    }

    List<Component> components() {
        return components;
    }

    /** The text of the member {@code type}, where there is one. */
    Optional<String> tag() {
        return tag;
    }

    /** Every member that may be written, {@code type} included, in order. */
    List<String> memberNames() {
        return memberNames;
    }

    boolean hasMember(String name) {
        return members.contains(name);
    }

    /** Members that a later version will have. */
    Set<String> planned() {
        return planned;
    }
}
