package io.penstock.admin.resource;

import io.penstock.config.Defaults;
import io.penstock.config.NamedMap;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Resource;
import io.penstock.config.ResourceType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;
import tools.jackson.dataformat.yaml.util.StringQuotingChecker;

/**
 * Writes a configuration as a declarative document, one resource at a time, so that an export of any size costs the memory
 * of one resource. Reading it back gives an equal configuration.
 */
public final class DocumentWriter {
    /** Lists that are written even when empty: without them a document would get back what a new instance has. */
    private static final Set<ResourceType> INITIAL_TYPES = EnumSet.copyOf(Arrays.stream(ResourceType.values())
            .filter(type -> !ProxyConfig.initial().all(type).isEmpty())
            .toList());

    private static final YAMLMapper YAML = YAMLMapper.builder(YAMLFactory.builder()
                    .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
                    .disable(YAMLWriteFeature.SPLIT_LINES)
                    .enable(YAMLWriteFeature.MINIMIZE_QUOTES)
                    .enable(YAMLWriteFeature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                    .stringQuotingChecker(new Quoting())
                    .build())
            .build();

    private final RecordWriter.View view;
    private final Predicate<Resource> shown;
    private final List<DocumentPlugin> plugins;

    private DocumentWriter(RecordWriter.View view, Predicate<Resource> shown, List<DocumentPlugin> plugins) {
        this.view = view;
        this.shown = shown;
        this.plugins = List.copyOf(plugins);
    }

    /** Writes every member. */
    public static DocumentWriter full(Predicate<Resource> shown) {
        return new DocumentWriter(RecordWriter.View.FULL, shown, List.of());
    }

    /** Writes what a person would write. */
    public static DocumentWriter brief(Predicate<Resource> shown) {
        return new DocumentWriter(RecordWriter.View.BRIEF, shown, List.of());
    }

    /** Writes these versions of plugins too, by their hashes. */
    DocumentWriter withPlugins(List<DocumentPlugin> named) {
        return new DocumentWriter(view, shown, named);
    }

    /** Writes compact JSON in UTF-8; does not close the stream. */
    public void json(ProxyConfig config, OutputStream out) throws IOException {
        text(out, "{\"apiVersion\":\"" + ConfigDocument.API_VERSION + "\"");
        if (hasDefaults(config)) {
            text(out, ",\"defaults\":");
            out.write(JsonText.write(RecordWriter.write(config.defaults(), view)));
        }
        if (!plugins.isEmpty()) {
            text(out, ",\"plugins\":");
            out.write(JsonText.write(pluginList()));
        }
        for (ResourceType type : ResourceType.values()) {
            NamedMap<? extends Resource> all = config.all(type);
            if (isWritten(type, all)) {
                text(out, ",\"" + type.documentName() + "\":[");
                String divider = "";
                for (Resource resource : all) {
                    if (shown.test(resource)) {
                        text(out, divider);
                        out.write(JsonText.write(RecordWriter.write((Record) resource, view)));
                        divider = ",";
                    }
                }
                text(out, "]");
            }
        }
        text(out, "}");
    }

    /** Writes YAML 1.2 in UTF-8; does not close the stream. */
    public void yaml(ProxyConfig config, OutputStream out) throws IOException {
        text(out, "apiVersion: " + ConfigDocument.API_VERSION + "\n");
        if (hasDefaults(config)) {
            out.write(YAML.writeValueAsBytes(member("defaults", RecordWriter.write(config.defaults(), view))));
        }
        if (!plugins.isEmpty()) {
            out.write(YAML.writeValueAsBytes(member("plugins", pluginList())));
        }
        for (ResourceType type : ResourceType.values()) {
            NamedMap<? extends Resource> all = config.all(type);
            if (!isWritten(type, all)) {
                continue;
            }
            boolean isAny = false;
            for (Resource resource : all) {
                if (shown.test(resource)) {
                    text(out, isAny ? "" : type.documentName() + ":\n");
                    isAny = true;
                    ArrayNode one = JsonText.NODES.arrayNode().add(RecordWriter.write((Record) resource, view));
                    out.write(YAML.writeValueAsBytes(one));
                }
            }
            text(out, isAny ? "" : type.documentName() + ": []\n");
        }
    }

    private ArrayNode pluginList() {
        ArrayNode list = JsonText.NODES.arrayNode();
        for (DocumentPlugin plugin : plugins) {
            ObjectNode one = list.addObject().put("name", plugin.name()).put("version", plugin.version());
            plugin.sha256().ifPresent(sha256 -> one.put("sha256", sha256));
        }
        return list;
    }

    private boolean hasDefaults(ProxyConfig config) {
        return view == RecordWriter.View.FULL || !config.defaults().equals(Defaults.DEFAULTS);
    }

    private boolean isWritten(ResourceType type, NamedMap<? extends Resource> all) {
        return view == RecordWriter.View.FULL || !all.isEmpty() || INITIAL_TYPES.contains(type);
    }

    private static ObjectNode member(String name, JsonNode value) {
        return JsonText.NODES.objectNode().set(name, value);
    }

    private static void text(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Quotes what this program or another reader of YAML would take for something else than a text. */
    private static final class Quoting extends StringQuotingChecker.Default {
        private static final long serialVersionUID = 1L;

        @Override
        public boolean needToQuoteName(String name) {
            return super.needToQuoteName(name) || isOdd(name);
        }

        @Override
        public boolean needToQuoteValue(String value) {
            return super.needToQuoteValue(value) || isOdd(value);
        }

        private static boolean isOdd(String text) {
            return YamlScalars.needsQuotes(text)
                    || !text.matches("[A-Za-z0-9_./][A-Za-z0-9_./:; +-]*[A-Za-z0-9_./+-]|[A-Za-z0-9_/]");
        }
    }
}
