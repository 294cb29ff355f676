package io.penstock.appliance.command;

import io.penstock.admin.resource.ConfigDocument;
import io.penstock.admin.resource.ConfigJson;
import io.penstock.admin.resource.DocumentLoader;
import io.penstock.admin.resource.DocumentPlugin;
import io.penstock.admin.resource.Fault;
import io.penstock.config.ConfigProblem;
import io.penstock.config.Resource;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Documents laid over one another, as one is sent to the admin API; and the way back from a pointer into what was sent to
 * the line that someone wrote.
 */
final class SentDocument {
    private final List<SourceDocument> sources;
    private final ConfigDocument merged;
    private final Map<String, ResourceRef> sentPointers = new HashMap<>();
    private final ObjectNode json = JsonNodeFactory.instance.objectNode();

    private SentDocument(List<SourceDocument> sources) {
        this.sources = List.copyOf(sources);
        this.merged = sources.size() == 1
                ? sources.getFirst().document()
                : DocumentLoader.overlay(
                        sources.stream().map(SourceDocument::document).toList());
        json.put("apiVersion", ConfigDocument.API_VERSION);
        merged.owner().ifPresent(owner -> json.put("owner", owner));
        merged.defaults().ifPresent(defaults -> json.set("defaults", ConfigJson.write(defaults)));
        for (DocumentPlugin plugin : merged.plugins()) {
            ObjectNode one = json.withArray("plugins")
                    .addObject()
                    .put("name", plugin.name())
                    .put("version", plugin.version());
            plugin.sha256().ifPresent(sha256 -> one.put("sha256", sha256));
        }
        for (ResourceType type : ResourceType.values()) {
            if (merged.types().contains(type)) {
                ArrayNode list = json.putArray(type.documentName());
                for (Resource resource : merged.resources()) {
                    if (ResourceType.of(resource) == type) {
                        sentPointers.put(
                                "/" + type.documentName() + "/" + list.size(), ResourceRef.of(type, resource.name()));
                        list.add(ConfigJson.writeSent((Record) resource));
                    }
                }
            }
        }
    }

    static SentDocument read(List<Path> files, Map<String, String> environment) {
        return new SentDocument(files.stream()
                .map(file -> SourceDocument.read(file, environment))
                .toList());
    }

    ConfigDocument document() {
        return merged;
    }

    /** Stores the packages that the documents point to, before what names them is applied. Touches no traffic. */
    void storePlugins(ApiClient client, Optional<String> note, Consumer<String> tell) {
        for (DocumentPlugin plugin : merged.plugins()) {
            if (plugin.zip().isPresent()) {
                ApiAnswer answer = client.call("PUT", "/v1/plugins/" + plugin.name() + "/versions/" + plugin.version())
                        .bytes("application/zip", plugin.zip().get())
                        .note(note)
                        .exchange();
                if (!answer.isGood()) {
                    CommandFailure failure = ApiProblemText.failure(answer, client.hasToken());
                    throw new CommandFailure(
                            failure.exitCode(),
                            "plugin " + plugin.id() + ": " + failure.text() + "; nothing was applied");
                }
                if (answer.status() == 201) {
                    tell.accept("plugin " + plugin.id() + " is stored");
                }
            }
        }
    }

    JsonNode json() {
        return json;
    }

    /** A problem of the merged configuration as a pointer into what is sent. */
    Fault locate(ConfigProblem problem) {
        String begin = sentPointers.entrySet().stream()
                .filter(entry -> entry.getValue().equals(problem.resource()))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(problem.resource().documentPointer());
        return new Fault(begin + problem.pointer(), problem.code(), problem.detail(), problem.hint(), Optional.empty());
    }

    /** An answer that refuses the document, with the places of its faults in the files. */
    CommandFailure refused(ApiAnswer answer, boolean hasToken) {
        List<Fault> faults = new ArrayList<>();
        for (JsonNode error : answer.json().path("errors")) {
            String hint = error.path("hint").asString("");
            faults.add(new Fault(
                    error.path("pointer").asString(""),
                    error.path("code").asString(""),
                    error.path("detail").asString(""),
                    hint.isEmpty() ? Optional.empty() : Optional.of(hint),
                    Optional.empty()));
        }
        return faults.isEmpty() ? ApiProblemText.failure(answer, hasToken) : refused(faults, "; nothing was changed");
    }

    /** Faults with pointers into what is or would be sent, each where its resource was written last. */
    DocumentRefused refused(List<Fault> faults, String outcome) {
        Map<SourceDocument, List<Fault>> bySource = new HashMap<>();
        for (Fault fault : faults) {
            Optional<ResourceRef> resource = resourceOf(fault.pointer());
            SourceDocument source = resource.map(this::lastWith).orElse(sources.getLast());
            String own = resource.map(source.document().pointers()::get)
                    .map(begin -> begin
                            + fault.pointer().substring(begin(fault.pointer()).length()))
                    .orElse(fault.pointer());
            bySource.computeIfAbsent(source, none -> new ArrayList<>())
                    .add(new Fault(own, fault.code(), fault.detail(), fault.hint(), fault.position()));
        }
        StringBuilder text = new StringBuilder();
        List<DocumentRefused.Placed> placed = new ArrayList<>();
        for (SourceDocument source : sources) {
            List<Fault> own = bySource.getOrDefault(source, List.of());
            if (!own.isEmpty()) {
                text.append(text.isEmpty() ? "" : "\n").append(source.text(own));
                placed.addAll(source.placed(own));
            }
        }
        return new DocumentRefused(text + outcome, placed);
    }

    private Optional<ResourceRef> resourceOf(String pointer) {
        return Optional.ofNullable(sentPointers.get(begin(pointer)));
    }

    /** The first two members of a pointer: which list, which element. */
    private static String begin(String pointer) {
        int second = pointer.indexOf('/', 1);
        int third = second < 0 ? -1 : pointer.indexOf('/', second + 1);
        return third < 0 ? pointer : pointer.substring(0, third);
    }

    private SourceDocument lastWith(ResourceRef resource) {
        return sources.reversed().stream()
                .filter(source -> source.document().pointers().containsKey(resource))
                .findFirst()
                .orElse(sources.getLast());
    }
}
