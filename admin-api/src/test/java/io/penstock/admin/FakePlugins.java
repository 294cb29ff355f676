package io.penstock.admin;

import io.penstock.admin.resource.PluginPort;
import io.penstock.spi.Answer;
import io.penstock.spi.PluginLibrary;
import io.penstock.spi.PluginRefusedException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A library that reads manifests and runs nothing: it knows one fault, of a module that says {@code broken}. */
final class FakePlugins implements PluginPort, PluginLibrary {
    final Set<String> known = ConcurrentHashMap.newKeySet();
    final List<PluginTrialRequest> trials = new ArrayList<>();
    volatile boolean isOpen;
    volatile boolean isQuarantined;
    final AtomicInteger checks = new AtomicInteger();

    @Override
    public PluginLibrary open() {
        isOpen = true;
        return this;
    }

    @Override
    public Optional<PluginLibrary> opened() {
        return isOpen ? Optional.of(this) : Optional.empty();
    }

    @Override
    public String mode() {
        return isOpen ? "interpreted: a fake" : "not opened";
    }

    @Override
    public PluginPackage check(byte[] zip) throws PluginRefusedException {
        checks.incrementAndGet();
        Map<String, String> files = files(zip);
        String text = files.getOrDefault("plugin.json", "");
        if (text.isEmpty()) {
            throw refused("plugin.json", "missing", "the archive has no plugin.json at its top level");
        }
        JsonNode manifest = JsonMapper.shared().readTree(text);
        if (manifest.has("bogus")) {
            throw refused("plugin.json#/bogus", "unknown-member", "a manifest has no member of this name");
        }
        if (files.getOrDefault(manifest.path("entry").asString(""), "").contains("broken")) {
            throw refused("main.mjs:1:1", "bad-module", "SyntaxError");
        }
        return new PluginPackage(
                manifest.path("name").asString(""),
                manifest.path("version").asString(""),
                "not read",
                zip,
                text,
                List.of("onRequest"),
                List.of());
    }

    private static Map<String, String> files(byte[] zip) {
        Map<String, String> files = new TreeMap<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                files.put(entry.getName(), new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        } catch (IOException notAZip) {
            throw new UncheckedIOException(notAZip);
        }
        return files;
    }

    private static PluginRefusedException refused(String where, String code, String detail) {
        return new PluginRefusedException(
                List.of(new PluginRefusedException.Fault(where, code, detail, Optional.empty())));
    }

    @Override
    public void add(PluginPackage plugin) {
        known.add(plugin.name() + "@" + plugin.version());
    }

    @Override
    public void remove(String name, String version) {
        known.remove(name + "@" + version);
    }

    @Override
    public Optional<String> resolve(String name, String range) {
        return Optional.empty();
    }

    @Override
    public List<PluginStatus> status() {
        return known.stream()
                .map(id -> new PluginStatus(
                        id.substring(0, id.indexOf('@')),
                        id.substring(id.indexOf('@') + 1),
                        isQuarantined ? "quarantined" : "serving",
                        Map.of("exception", 2L),
                        1,
                        Optional.of("TypeError at main.mjs:3"),
                        List.of(new HookCost(
                                "onRequest",
                                7,
                                2,
                                new Times(2_000, 5_000, 9_000, 10_000),
                                3,
                                new Times(1_000, 1_000, 2_000, 4_000),
                                0,
                                new Times(0, 0, 0, 0))),
                        2,
                        isQuarantined ? Optional.of(new Quarantined(1_000, "cpu")) : Optional.empty()))
                .toList();
    }

    @Override
    public PluginTrial test(PluginTrialRequest request) throws PluginRefusedException {
        trials.add(request);
        if (!request.hook().equals("onRequest")) {
            throw refused("/hook", "no-such-hook", "the plugin has no hook \"" + request.hook() + "\"");
        }
        if (request.config().contains("wrong")) {
            throw refused("/limit", "type", "wanted a number");
        }
        return new PluginTrial(
                "answered",
                List.of(request.method() + " " + request.url()),
                List.of("GET /after"),
                Optional.of(
                        new Answer(403, List.of(Map.entry("x-why", "test")), "no".getBytes(StandardCharsets.UTF_8))),
                Optional.empty(),
                List.of(new PluginLogLine(1_000, "info", "", "tried")),
                12);
    }

    @Override
    public boolean release(String name, String version) {
        boolean was = isQuarantined;
        isQuarantined = false;
        return was;
    }

    @Override
    public List<PluginLogLine> log(String name, int linesMax) {
        return List.of(new PluginLogLine(1_000, "info", "01JREQUEST", "hello"));
    }

    @Override
    public void metrics(StringBuilder into) {
        into.append("penstock_plugin_contexts 1\n");
    }
}
