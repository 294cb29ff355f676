package io.penstock.admin.resource;

import io.penstock.config.Resource;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * Reads declarative documents from text: YAML 1.2, of which JSON is a part, so that one reader serves both.
 *
 * <p>The command gives a {@link ValueResolver} that reads beside the document; the API gives none.
 */
public final class DocumentLoader {
    private final JsonBounds bounds;
    private final Optional<ValueResolver> resolver;

    public DocumentLoader(JsonBounds bounds, Optional<ValueResolver> resolver) {
        this.bounds = bounds;
        this.resolver = resolver;
    }

    /** The document, or every fault of it with line and column. */
    public ConfigJson.Bound<ConfigDocument> load(byte[] text) {
        JsonNode tree;
        try {
            tree = YamlText.read(text, bounds);
        } catch (UnreadableTextException unreadable) {
            return new ConfigJson.Bad<>(List.of(unreadable.fault()));
        }
        DocumentBinder binder = new DocumentBinder(resolver);
        ConfigDocument document = binder.bind(tree);
        return binder.faults().isEmpty()
                ? new ConfigJson.Good<>(document)
                : new ConfigJson.Bad<>(located(text, binder.faults()));
    }

    /**
     * Several documents as one: what a later one says of a name replaces what an earlier one said, as do its defaults and
     * its owner.
     */
    public static ConfigDocument overlay(List<ConfigDocument> documents) {
        return documents.stream().reduce(DocumentLoader::over).orElseThrow();
    }

    private static ConfigDocument over(ConfigDocument base, ConfigDocument top) {
        Map<ResourceRef, Resource> byRef = new LinkedHashMap<>();
        for (ConfigDocument document : List.of(base, top)) {
            for (Resource each : document.resources()) {
                byRef.put(ResourceRef.of(ResourceType.of(each), each.name()), each);
            }
        }
        Set<ResourceType> types = new HashSet<>(base.types());
        types.addAll(top.types());
        return new ConfigDocument(
                top.owner().or(base::owner),
                top.defaults().or(base::defaults),
                new ArrayList<>(byRef.values()),
                types,
                plugins(base, top),
                // Places in several texts would not tell which text; by name they hold for all.
                Map.of());
    }

    private static List<DocumentPlugin> plugins(ConfigDocument base, ConfigDocument top) {
        Map<String, DocumentPlugin> byId = new LinkedHashMap<>();
        base.plugins().forEach(plugin -> byId.put(plugin.id(), plugin));
        top.plugins().forEach(plugin -> byId.put(plugin.id(), plugin));
        return new ArrayList<>(byId.values());
    }

    /** The same faults with the lines and columns of the text they are about. */
    public List<Fault> located(byte[] text, List<Fault> faults) {
        Set<String> pointers = faults.stream().map(Fault::pointer).collect(Collectors.toSet());
        Map<String, TextPosition> places = YamlText.locate(text, bounds, pointers);
        return faults.stream()
                .map(fault -> {
                    TextPosition place = places.get(fault.pointer());
                    return place == null ? fault : fault.at(place);
                })
                .toList();
    }
}
