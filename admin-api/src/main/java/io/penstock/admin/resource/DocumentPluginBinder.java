package io.penstock.admin.resource;

import io.penstock.config.ConfigProblem;
import io.penstock.config.PluginUse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads a document's list of plugins: each a name, a version, and its package by folder or by hash. */
final class DocumentPluginBinder {
    static final String MEMBER = "plugins";

    private static final List<String> MEMBERS = List.of("name", "version", "sha256", "package");

    private final Optional<ValueResolver> resolver;
    private final Consumer<Fault> faults;
    private final Map<String, DocumentPlugin> found = new LinkedHashMap<>();

    DocumentPluginBinder(Optional<ValueResolver> resolver, Consumer<Fault> faults) {
        this.resolver = resolver;
        this.faults = faults;
    }

    List<DocumentPlugin> bind(JsonNode list) {
        String pointer = "/" + MEMBER;
        if (!list.isArray()) {
            faults.accept(Fault.of(
                    pointer, Fault.WRONG_TYPE, "found " + JsonText.kindOf(list) + ", wanted a list of objects"));
            return List.of();
        }
        for (int i = 0; i < list.size(); i++) {
            one(list.get(i), Pointers.element(pointer, i));
        }
        return new ArrayList<>(found.values());
    }

    private void one(JsonNode node, String pointer) {
        if (!(node instanceof ObjectNode object)) {
            faults.accept(Fault.of(pointer, Fault.WRONG_TYPE, "found " + JsonText.kindOf(node) + ", wanted an object"));
            return;
        }
        for (String member : object.propertyNames()) {
            if (!MEMBERS.contains(member)) {
                faults.accept(Fault.of(
                        Pointers.member(pointer, member),
                        ConfigProblem.UNKNOWN_MEMBER,
                        "unknown member \"" + Pointers.shown(member) + "\"",
                        "known: " + String.join(", ", MEMBERS)));
            }
        }
        String name = text(object, "name", pointer, PluginUse::isName, "lower case letters, digits and hyphens");
        String version = text(object, "version", pointer, PluginUse::isVersion, "a version such as \"1.2.3\"");
        Optional<String> sha256 = object.has("sha256")
                ? Optional.of(
                        text(object, "sha256", pointer, text -> text.matches("[0-9a-f]{64}"), "64 hexadecimal digits"))
                : Optional.empty();
        Optional<byte[]> zip =
                object.has("package") ? zip(object.get("package"), pointer + "/package") : Optional.empty();
        DocumentPlugin plugin =
                new DocumentPlugin(name, version, sha256.or(() -> zip.map(PluginRegistry::sha256)), zip, pointer);
        if (found.putIfAbsent(plugin.id(), plugin) != null) {
            faults.accept(Fault.of(pointer, ConfigProblem.DUPLICATE, "plugin " + plugin.id() + " is written twice"));
        }
        if (zip.isPresent() && sha256.isPresent() && !sha256.get().equals(PluginRegistry.sha256(zip.get()))) {
            faults.accept(Fault.of(
                    pointer + "/sha256",
                    ConfigProblem.BAD_VALUE,
                    "the folder's package has sha256 " + PluginRegistry.sha256(zip.get())));
        }
    }

    private String text(ObjectNode object, String member, String pointer, Predicate<String> fits, String wanted) {
        JsonNode value = object.get(member);
        if (value == null || !value.isString() || !fits.test(value.stringValue())) {
            faults.accept(Fault.of(
                    pointer + "/" + member,
                    value == null ? ConfigProblem.REQUIRED : ConfigProblem.BAD_VALUE,
                    value == null ? "\"" + member + "\" is missing" : "wanted " + wanted));
            return "";
        }
        return value.stringValue();
    }

    private Optional<byte[]> zip(JsonNode node, String pointer) {
        if (!node.isObject() || node.size() != 1 || !node.path("dir").isString()) {
            faults.accept(Fault.of(pointer, ConfigProblem.BAD_VALUE, "wanted {dir: PATH}, a folder with plugin.json"));
            return Optional.empty();
        }
        if (resolver.isEmpty()) {
            faults.accept(Fault.of(
                    pointer,
                    ConfigProblem.NOT_READ_HERE,
                    "folders are read by the penstock command, beside the document",
                    "store the package with PUT /v1/plugins/NAME/versions/VERSION, and give its sha256"));
            return Optional.empty();
        }
        try {
            return Optional.of(
                    PluginZip.of(resolver.get().folder(node.path("dir").stringValue())));
        } catch (IllegalArgumentException unreadable) {
            faults.accept(Fault.of(pointer + "/dir", ConfigProblem.BAD_VALUE, String.valueOf(unreadable.getMessage())));
            return Optional.empty();
        }
    }
}
