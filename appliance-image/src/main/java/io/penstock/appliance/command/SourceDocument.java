package io.penstock.appliance.command;

import io.penstock.admin.resource.ConfigDocument;
import io.penstock.admin.resource.ConfigJson;
import io.penstock.admin.resource.DocumentLoader;
import io.penstock.admin.resource.Fault;
import io.penstock.admin.resource.JsonBounds;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One declarative document as it was read from a file, or from standard input. */
public final class SourceDocument {
    private static final String STANDARD_INPUT = "-";

    private final String name;
    private final byte[] text;
    private final DocumentLoader loader;
    private final ConfigDocument document;

    private SourceDocument(String name, byte[] text, DocumentLoader loader, ConfigDocument document) {
        this.name = name;
        this.text = text;
        this.loader = loader;
        this.document = document;
    }

    /**
     * Reads a document and what it points to beside it.
     *
     * @throws CommandFailure with every fault, its line and column
     */
    public static SourceDocument read(Path file, Map<String, String> environment) {
        String name = file.toString().equals(STANDARD_INPUT) ? "standard input" : file.toString();
        byte[] text = content(file, name);
        DocumentLoader loader =
                new DocumentLoader(JsonBounds.DOCUMENT, Optional.of(new BesideDocument(file, environment)));
        return switch (loader.load(text)) {
            case ConfigJson.Good<ConfigDocument>(ConfigDocument good) -> new SourceDocument(name, text, loader, good);
            case ConfigJson.Bad<ConfigDocument>(List<Fault> faults) ->
                throw new DocumentRefused(
                        FaultText.of(name, text, faults),
                        faults.stream()
                                .map(fault -> new DocumentRefused.Placed(name, fault))
                                .toList());
        };
    }

    private static byte[] content(Path file, String name) {
        try (InputStream in = file.toString().equals(STANDARD_INPUT) ? System.in : Files.newInputStream(file)) {
            byte[] content = in.readNBytes(JsonBounds.DOCUMENT.bytesMax() + 1);
            if (content.length > JsonBounds.DOCUMENT.bytesMax()) {
                throw new CommandFailure(
                        ExitCode.FAILED, name + " has more than " + JsonBounds.DOCUMENT.bytesMax() + " bytes");
            }
            return content;
        } catch (IOException unreadable) {
            throw FileTrouble.unread(name, unreadable);
        }
    }

    /** What it says. */
    public ConfigDocument document() {
        return document;
    }

    /** Faults with pointers into this document, with line and column. */
    List<DocumentRefused.Placed> placed(List<Fault> faults) {
        return loader.located(text, faults).stream()
                .map(fault -> new DocumentRefused.Placed(name, fault))
                .toList();
    }

    /** Faults with pointers into this document, for people, with line, column and the line itself. */
    public String text(List<Fault> faults) {
        return FaultText.of(name, text, loader.located(text, faults));
    }
}
