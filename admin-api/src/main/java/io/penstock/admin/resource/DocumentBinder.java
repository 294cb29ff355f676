package io.penstock.admin.resource;

import io.penstock.config.ConfigProblem;
import io.penstock.config.Defaults;
import io.penstock.config.Resource;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes a {@link ConfigDocument} from a tree, and gathers every fault on the way. One instance binds one document. */
final class DocumentBinder {
    private static final String API_VERSION = "apiVersion";
    private static final String OWNER = "owner";
    private static final String DEFAULTS = "defaults";

    /** Lists that the contract names and this version cannot serve yet. */
    static final Set<String> PLANNED = Set.of("networkBindings", "links");

    private final RecordBinder binder;
    private final Optional<ValueResolver> resolver;
    private final List<Resource> resources = new ArrayList<>();
    private final Set<ResourceType> types = EnumSet.noneOf(ResourceType.class);
    private final Map<ResourceRef, String> pointers = new HashMap<>();

    DocumentBinder(Optional<ValueResolver> resolver) {
        this.binder = new RecordBinder(resolver);
        this.resolver = resolver;
    }

    List<Fault> faults() {
        return binder.faults();
    }

    /** What the document says, without what is faulty. */
    ConfigDocument bind(JsonNode tree) {
        if (!(tree instanceof ObjectNode object)) {
            binder.found()
                    .add(Fault.of(
                            "",
                            Fault.WRONG_TYPE,
                            "found " + JsonText.kindOf(tree) + ", wanted a document",
                            "begin with apiVersion: " + ConfigDocument.API_VERSION));
            return new ConfigDocument(Optional.empty(), Optional.empty(), List.of(), Set.of(), List.of(), Map.of());
        }
        binder.found().unknownMembers(object, "", members(), PLANNED);
        checkVersion(object.get(API_VERSION));
        Optional<String> owner = owner(object.get(OWNER));
        Optional<Defaults> defaults = object.has(DEFAULTS)
                ? binder.record(Defaults.class, object.get(DEFAULTS), "/" + DEFAULTS)
                : Optional.empty();
        for (ResourceType type : ResourceType.values()) {
            if (object.has(type.documentName())) {
                types.add(type);
                bindList(type, object.get(type.documentName()), owner);
            }
        }
        List<DocumentPlugin> plugins = object.has(DocumentPluginBinder.MEMBER)
                ? new DocumentPluginBinder(resolver, binder.found()::add).bind(object.get(DocumentPluginBinder.MEMBER))
                : List.of();
        return new ConfigDocument(owner, defaults, resources, types, plugins, pointers);
    }

    static List<String> members() {
        List<String> members = new ArrayList<>(List.of(API_VERSION, OWNER, DEFAULTS, DocumentPluginBinder.MEMBER));
        for (ResourceType type : ResourceType.values()) {
            members.add(type.documentName());
        }
        return members;
    }

    private void checkVersion(@Nullable JsonNode version) {
        if (version == null) {
            binder.found()
                    .add(Fault.of(
                            "/" + API_VERSION,
                            ConfigProblem.REQUIRED,
                            "\"" + API_VERSION + "\" is missing",
                            "begin the document with apiVersion: " + ConfigDocument.API_VERSION));
        } else if (!version.isString() || !version.stringValue().equals(ConfigDocument.API_VERSION)) {
            binder.found()
                    .add(Fault.of(
                            "/" + API_VERSION,
                            ConfigProblem.BAD_VALUE,
                            "found " + JsonText.kindOf(version) + ", wanted \"" + ConfigDocument.API_VERSION + "\""));
        }
    }

    private Optional<String> owner(@Nullable JsonNode owner) {
        if (owner == null) {
            return Optional.empty();
        }
        if (!owner.isString() || !owner.stringValue().matches("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")) {
            binder.found()
                    .add(
                            Fault.of(
                                    "/" + OWNER,
                                    ConfigProblem.BAD_VALUE,
                                    "found " + JsonText.kindOf(owner)
                                            + ", wanted 1 to 128 letters, digits, '.', '_' or '-', not starting with '.' or '-'"));
            return Optional.empty();
        }
        return Optional.of(owner.stringValue());
    }

    private void bindList(ResourceType type, JsonNode list, Optional<String> owner) {
        String pointer = "/" + type.documentName();
        if (!list.isArray()) {
            binder.found()
                    .add(Fault.of(
                            pointer,
                            Fault.WRONG_TYPE,
                            "found " + JsonText.kindOf(list) + ", wanted a list of objects"));
            return;
        }
        Map<String, String> firstByName = new HashMap<>();
        for (int i = 0; i < list.size(); i++) {
            String at = Pointers.element(pointer, i);
            // Also of one that is faulty elsewhere, so that all is told at once.
            boolean isFirst = checkName(type, list.get(i).path("name"), at, firstByName);
            Optional<? extends Record> bound =
                    binder.record(type.recordClass().asSubclass(Record.class), list.get(i), at);
            bound.filter(any -> isFirst)
                    .map(Resource.class::cast)
                    .ifPresent(resource -> add(type, resource, at, owner));
        }
    }

    private boolean checkName(ResourceType type, JsonNode name, String at, Map<String, String> firstByName) {
        String first = name.isString() ? firstByName.putIfAbsent(name.stringValue(), at) : null;
        if (first != null) {
            binder.found()
                    .add(Fault.of(
                            Pointers.member(at, "name"),
                            ConfigProblem.DUPLICATE,
                            type.singular() + " \"" + Pointers.shown(name.stringValue())
                                    + "\" is written twice, first at " + first));
        }
        return first == null;
    }

    private void add(ResourceType type, Resource resource, String pointer, Optional<String> owner) {
        pointers.put(ResourceRef.of(type, resource.name()), pointer);
        // What an export says of a resource's owner holds; a document's own word is for what says nothing.
        resources.add(
                owner.isPresent() && resource.owner().isEmpty() ? Members.with(resource, "owner", owner) : resource);
    }
}
