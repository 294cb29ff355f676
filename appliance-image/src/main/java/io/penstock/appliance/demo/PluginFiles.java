package io.penstock.appliance.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The demo's plugin as its author has it: a folder with a manifest and a module, beside a document that puts it live. */
final class PluginFiles {
    static final String NAME = "welcome";

    private static final String MANIFEST = """
            {"name": "welcome", "version": "1.0.0", "api": 1, "entry": "main.mjs"}
            """;
    private static final String DOCUMENT = """
            apiVersion: penstock/v1
            plugins:
              - {name: welcome, version: 1.0.0, package: {dir: welcome}}
            routes:
              - name: welcome
                matches: [{path: {type: prefix, value: /welcome}}]
                service: shop
                filters: [{type: plugin, use: welcome@1}]
            """;

    private final Path folder;
    private final Path document;

    private PluginFiles(Path folder, Path document) {
        this.folder = folder;
        this.document = document;
    }

    /** Writes them below this folder. */
    static PluginFiles in(Path parent) throws IOException {
        Path folder = Files.createDirectories(parent.resolve(NAME));
        Files.writeString(folder.resolve("plugin.json"), MANIFEST, StandardCharsets.UTF_8);
        PluginFiles files = new PluginFiles(
                folder, Files.writeString(parent.resolve("welcome.yaml"), DOCUMENT, StandardCharsets.UTF_8));
        files.greet("hello");
        return files;
    }

    /** Saves a module that answers with this word. */
    void greet(String word) throws IOException {
        save(module("    return new Response(`" + word
                + ", ${req.headers.get('user-agent')}: ${ctx.route} says so in JavaScript\\n`);\n"));
    }

    /** Saves a module that never answers. */
    void loop() throws IOException {
        save(module("    while (true) {}\n"));
    }

    private static String module(String body) {
        return "export default {\n  onRequest(req, ctx) {\n" + body + "  },\n};\n";
    }

    private void save(String source) throws IOException {
        Files.writeString(module(), source, StandardCharsets.UTF_8);
    }

    Path folder() {
        return folder;
    }

    Path document() {
        return document;
    }

    Path module() {
        return folder.resolve("main.mjs");
    }

    String source() throws IOException {
        return Files.readString(module());
    }
}
