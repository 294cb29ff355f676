package io.penstock.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.plugin.budget.FaultCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code docs/reference/plugin-api.md}: written with {@code -Ddocs.regenerate=true}, else compared. */
final class PluginApiDocsTest {
    private static final Path FILE = Path.of("..", "docs", "reference", "plugin-api.md");
    private static final Path TYPINGS = Path.of("kit", "plugin", "index.d.ts");

    // Globals of the Minimum Common Web Platform API (ECMA-429), and those that others of its kind have.
    private static final List<String> WEB_GLOBALS = List.of(
            "AbortController",
            "AbortSignal",
            "Blob",
            "ByteLengthQueuingStrategy",
            "CompressionStream",
            "CountQueuingStrategy",
            "Crypto",
            "CryptoKey",
            "CustomEvent",
            "DecompressionStream",
            "DOMException",
            "Event",
            "EventTarget",
            "File",
            "FormData",
            "Headers",
            "MessageChannel",
            "Performance",
            "ReadableStream",
            "Request",
            "Response",
            "SubtleCrypto",
            "TextDecoder",
            "TextDecoderStream",
            "TextEncoder",
            "TextEncoderStream",
            "TransformStream",
            "URL",
            "URLPattern",
            "URLSearchParams",
            "WebAssembly",
            "WebSocket",
            "WritableStream",
            "atob",
            "btoa",
            "clearInterval",
            "clearTimeout",
            "console",
            "crypto",
            "crypto.subtle",
            "fetch",
            "navigator",
            "performance",
            "queueMicrotask",
            "reportError",
            "self",
            "setInterval",
            "setTimeout",
            "structuredClone");

    @Test
    void isWhatTheTypingsAndTheCodeSay() throws IOException {
        String wanted = reference();

        if (Boolean.getBoolean("docs.regenerate")) {
            Files.writeString(FILE, wanted);
        }

        assertThat(Files.readString(FILE))
                .as(
                        "docs/reference/plugin-api.md is not what the typings and the code say; run with -Ddocs.regenerate=true")
                .isEqualTo(wanted);
    }

    private static String reference() throws IOException {
        return """
                # The plugin API

                Made by `PluginApiDocsTest` from the kit's typings (`plugin-host/kit/plugin/index.d.ts`) and from the code. Why it is so:
                [PLUGINS.md](../PLUGINS.md).

                ## Module

                %s## Manifest

                `plugin.json`. A member that is not here is refused, with its pointer.

                | member | is | if absent | what |
                |---|---|---|---|
                %s
                ## Budgets

                `limits` of the manifest.

                | member | if absent | least | most | what |
                |---|---|---|---|---|
                %s
                Beside them: an entry into a young context may take %d ms of CPU, where that is more, until the context has served 1000 entries
                and %d s; loading a module and `setup` may take %d ms of CPU, `setup` %d ms in all, neither on a worker; %d strikes within %d s
                bring a version into quarantine.

                ## Why a plugin failed

                The codes of `penstock_plugin_faults_total` and of the listing.

                | code | what |
                |---|---|
                %s
                ## Globals of the web

                What a plugin finds of the web platform, asked of a real context; beside it is ECMAScript 2025, without `eval`, `Function` from
                text, `SharedArrayBuffer` and shared memory.

                | global | members |
                |---|---|
                %s
                ## Metrics

                %s""".formatted(
                        TypingsMarkdown.of(Files.readString(TYPINGS)),
                        members(),
                        limits(),
                        ScriptOptions.DEFAULT.coldCpuMs(),
                        ScriptOptions.DEFAULT.coldMs() / 1000,
                        ScriptOptions.DEFAULT.prepareCpuMs(),
                        ScriptOptions.DEFAULT.setupMs(),
                        PluginVersion.STRIKES_MAX,
                        PluginVersion.STRIKE_WINDOW_NS / 1_000_000_000L,
                        faults(),
                        globals(),
                        PluginMetric.markdown());
    }

    private static String members() {
        return Arrays.stream(ManifestMember.values())
                .map(member -> "| `" + member.pointer().substring(1).replace('/', '.') + "` | " + member.type() + " | "
                        + member.standard() + " | " + member.meaning() + " |\n")
                .collect(Collectors.joining());
    }

    private static String limits() {
        return Arrays.stream(ManifestLimit.values())
                .map(limit -> "| `" + limit.member() + "` | " + limit.standard() + " | " + limit.min() + " | "
                        + limit.max() + " | " + limit.meaning() + " |\n")
                .collect(Collectors.joining());
    }

    private static String faults() {
        return Arrays.stream(FaultCode.values())
                .map(fault -> "| `" + fault.code() + "` | " + fault.meaning() + " |\n")
                .collect(Collectors.joining());
    }

    private static String globals() {
        String names = WEB_GLOBALS.stream().map(name -> "'" + name + "'").collect(Collectors.joining(", "));
        try (PluginHarness harness = new PluginHarness()) {
            FakeExchange exchange = harness.exchange();
            return PluginHarness.bodyOf(harness.plugin("""
                            const of = (object) =>
                              Object.getOwnPropertyNames(object).filter((name) => name !== 'constructor' && !name.startsWith('_'));
                            const chain = (prototype) =>
                              prototype && prototype !== Object.prototype ? [...of(prototype), ...chain(Object.getPrototypeOf(prototype))] : [];
                            const members = (value) => {
                              if (value === globalThis) return ['globalThis'];
                              if (typeof value === 'object') return chain(value);
                              const statics = of(value).filter((name) => !['length', 'name', 'prototype', 'arguments', 'caller'].includes(name));
                              return [...statics.map((name) => 'static ' + name), ...chain(value.prototype)];
                            };
                            const at = (path) => path.split('.').reduce((value, name) => value?.[name], globalThis);
                            const row = (name) => {
                              const value = at(name);
                              const found = [...new Set(members(value))].sort().map((member) => '`' + member + '`').join(', ');
                              return `| \\`${name}\\` | ${found} |\\n`;
                            };
                            export default {
                              onRequest() {
                                const names = [%s];
                                const absent = names.filter((name) => at(name) === undefined).map((name) => '`' + name + '`');
                                return new Response(
                                  names.filter((name) => at(name) !== undefined).map(row).join('')
                                  + `\\nNot here: ${absent.join(', ')}.\\n`);
                              },
                            };
                            """.formatted(names)).onRequest(exchange, exchange));
        }
    }
}
