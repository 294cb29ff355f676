package io.penstock.admin.resource;

import io.penstock.config.ByteSize;
import io.penstock.config.Defaults;
import io.penstock.config.Doc;
import io.penstock.config.Planned;
import io.penstock.config.RecordDefaults;
import io.penstock.config.ResourceType;
import io.penstock.config.SecretValue;
import io.penstock.config.Setting;
import io.penstock.config.TypeTag;
import io.penstock.config.ValueText;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Writes the reference of the declarative document, by the same records that the binder goes by. */
final class ModelDocs {
    private final StringBuilder text = new StringBuilder();
    private final Set<Class<?>> known = new LinkedHashSet<>();
    private final Deque<Class<?>> owed = new ArrayDeque<>();

    private ModelDocs() {}

    /** Markdown: every member of every record, with its type, default and meaning. */
    static String markdown() {
        return new ModelDocs().write();
    }

    private String write() {
        text.append("# The declarative document\n\n")
                .append(
                        "Generated from the model; `mvn -pl admin-api -am test -Ddocs.regenerate=true` writes it anew.\n\n")
                .append("A document begins with `apiVersion: ")
                .append(ConfigDocument.API_VERSION)
                .append("`, may say whose it is with `owner`, and holds `defaults` and the lists below.\n\n")
                .append("| member | one of it | API |\n|---|---|---|\n");
        for (ResourceType type : ResourceType.values()) {
            text.append("| `")
                    .append(type.documentName())
                    .append("` | [")
                    .append(type.singular())
                    .append("](#")
                    .append(anchor(type.recordClass()))
                    .append(") | `/v1/")
                    .append(type.apiName())
                    .append("` |\n");
            owe(type.recordClass());
        }
        text.append("| `defaults` | [defaults](#")
                .append(anchor(Defaults.class))
                .append(") | |\n");
        owe(Defaults.class);
        text.append("\nNot in this version: ")
                .append(String.join(
                        ", ",
                        DocumentBinder.PLANNED.stream()
                                .sorted()
                                .map(name -> "`" + name + "`")
                                .toList()))
                .append(".\n");
        while (!owed.isEmpty()) {
            Class<?> next = owed.poll();
            if (next.isSealed()) {
                oneOf(next);
            } else {
                record(next);
            }
        }
        return text.toString();
    }

    private void owe(Class<?> type) {
        if (known.add(type)) {
            owed.add(type);
        }
    }

    private void oneOf(Class<?> sealed) {
        text.append("\n## ").append(Schemas.nameOf(sealed)).append("\n\nThe member `type` chooses:\n\n");
        for (Map.Entry<String, Class<?>> choice : RecordBinder.choices(sealed).entrySet()) {
            text.append("- `")
                    .append(choice.getKey())
                    .append(
                            choice.getValue().getAnnotation(TypeTag.class).byMember()
                                    ? "`, a member and no type: ["
                                    : "`: [")
                    .append(Schemas.nameOf(choice.getValue()))
                    .append("](#")
                    .append(anchor(choice.getValue()))
                    .append(")\n");
            owe(choice.getValue());
        }
    }

    private void record(Class<?> record) {
        text.append("\n## ").append(Schemas.nameOf(record)).append("\n\n");
        TypeTag tag = record.getAnnotation(TypeTag.class);
        if (tag != null && !tag.byMember()) {
            text.append("`type: ").append(tag.value()).append("`\n\n");
        }
        text.append("| member | type | default | meaning |\n|---|---|---|---|\n");
        for (RecordComponent component : record.getRecordComponents()) {
            Doc doc = component.getAnnotation(Doc.class);
            text.append("| `")
                    .append(RecordShape.nameOf(component))
                    .append("` | ")
                    .append(type(component.getGenericType()))
                    .append(" | ")
                    .append(defaultOf(component))
                    .append(" | ")
                    .append(doc == null ? "" : doc.value().replace("|", "\\|"))
                    .append(" |\n");
        }
        Planned planned = record.getAnnotation(Planned.class);
        if (planned != null) {
            text.append("\nNot in this version: `")
                    .append(String.join("`, `", planned.value()))
                    .append("`.\n");
        }
    }

    private static String defaultOf(RecordComponent component) {
        Optional<Object> value = RecordDefaults.defaultOf(component);
        if (value.isEmpty()) {
            return "**required**";
        }
        if (value.get() instanceof Optional<?> || value.get() instanceof Setting<?>) {
            return "";
        }
        boolean isRecordOfMembers = value.get() instanceof Record && !ValueText.isLeaf(component.getType());
        return isRecordOfMembers ? "its own" : "`" + JsonText.text(Schemas.defaultText(value.get())) + "`";
    }

    private String type(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            if (generic.getRawType() == Optional.class) {
                return type(arguments[0]);
            }
            if (generic.getRawType() == Setting.class) {
                return type(arguments[0]) + " or null";
            }
            return generic.getRawType() == List.class
                    ? "list of " + type(arguments[0])
                    : "object of " + type(arguments[1]);
        }
        Class<?> raw = (Class<?>) type;
        if (raw == io.penstock.config.JsonText.class) {
            return "object";
        }
        if (raw == SecretValue.class) {
            return "text, or `{stored: id}`";
        }
        if (!ValueText.isLeaf(raw)) {
            owe(raw);
            return "[" + Schemas.nameOf(raw) + "](#" + anchor(raw) + ")";
        }
        if (ValueText.isChoice(raw)) {
            return "`" + String.join("` or `", ValueText.words(raw)) + "`";
        }
        return switch (LeafKind.of(raw)) {
            case NUMBER -> "number";
            case TRUTH -> "true or false";
            case TEXT_OR_NUMBER -> raw == ByteSize.class ? "size" : words(raw.getSimpleName());
            case TEXT -> raw == String.class ? "text" : words(raw.getSimpleName());
        };
    }

    /** {@code ListenAddress} as {@code listen address}. */
    private static String words(String name) {
        return name.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    }

    private static String anchor(Class<?> type) {
        return Schemas.nameOf(type).toLowerCase(Locale.ROOT);
    }
}
