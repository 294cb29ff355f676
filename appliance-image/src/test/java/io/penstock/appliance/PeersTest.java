package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers and clients of the world on both sides: what passes the gateway equals what goes without it. */
@Tag("long")
final class PeersTest {
    /** What tells a message's content, not its journey. */
    private static final Set<String> TOLD = Set.of(
            "content-type",
            "content-length",
            "content-range",
            "content-encoding",
            "accept-ranges",
            "etag",
            "last-modified",
            "location",
            "allow",
            "server");

    private static final List<String> PATHS = List.of(
            "/",
            "/index.html",
            "/a.css",
            "/1.bin",
            "/70000.bin",
            "/30000000.bin",
            "/empty.txt",
            "/missing",
            "/dir",
            "/dir/sp%20ace/%C3%BC.txt",
            "/dir/../a.css",
            "//a.css",
            "/a.css?x=%20y&z");

    private static final List<List<String>> REQUESTS = List.of(
            List.of("--head", "/70000.bin"),
            List.of("--head", "/missing"),
            List.of("--http1.0", "/70000.bin"),
            List.of("--http1.0", "-H", "Connection: keep-alive", "/70000.bin"),
            List.of("--range", "100-199", "/70000.bin"),
            List.of("--range", "-5", "/70000.bin"),
            List.of("--range", "9999999-", "/70000.bin"),
            List.of("--time-cond", "2099-01-01", "/70000.bin"),
            List.of("--compressed", "/gz/index.html"),
            List.of("-X", "POST", "/a.css"),
            List.of("-X", "POST", "-d", "hello", "/a.css"),
            List.of("-X", "PUT", "/a.css"),
            List.of("-X", "DELETE", "/a.css"),
            List.of("-X", "OPTIONS", "/a.css"),
            List.of("-X", "PATCH", "/a.css"),
            List.of("-X", "PROPFIND", "/a.css"),
            List.of("-X", "ODD", "/a.css"),
            List.of("-H", "X-Test: ä", "/echo?x=1&y=%20+a"),
            List.of("-H", "Transfer-Encoding: chunked", "-d", "in one chunk", "/echo"));

    @TempDir
    private Path folder;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    @Test
    void handsEveryByteOfNginxToCurl() throws Exception {
        Tool.require("nginx", "curl");
        Site site = started(Site.nginx(folder));
        LongRig rig = before(site.port);

        compareAll(rig, site);
    }

    @Test
    void handsEveryByteOfAFileServerToCurl() throws Exception {
        Tool.require("python3", "curl");
        Site site = started(Site.python(folder));
        LongRig rig = before(site.port);

        compareAll(rig, site);
    }

    private <T extends AutoCloseable> T started(T each) {
        open.push(each);
        return each;
    }

    /** A gateway in front of this port. */
    private LongRig before(int port) throws IOException {
        return started(new LongRig(
                folder, folder.resolve("data"), "-Xmx256m", LongRig.document(port, "", 0), new PlainEndpoint()));
    }

    private void compareAll(LongRig rig, Site site) throws Exception {
        List<List<String>> all = new ArrayList<>(REQUESTS);
        PATHS.forEach(path -> all.add(List.of(path)));
        for (List<String> request : all) {
            assertThat(curl(rig.port, request)).as("%s", request).isEqualTo(curl(site.port, request));
        }
        System.out.println(all.size() + " requests of curl: equal to direct ones");
    }

    /** Everything that its user sees. */
    private record Seen(int exit, String status, Set<String> head, String body) {}

    private Seen curl(int port, List<String> request) throws Exception {
        Path head = folder.resolve("head");
        Path body = folder.resolve("body");
        Files.deleteIfExists(body);
        boolean hasHeadOnly = request.contains("--head");
        List<String> command = new ArrayList<>(
                List.of("curl", "-sS", "--path-as-is", "-m", "60", "-w", "%{http_code}", "-D", head.toString()));
        command.addAll(List.of("-o", hasHeadOnly ? "/dev/null" : body.toString()));
        command.addAll(request.subList(0, request.size() - 1));
        command.add("http://127.0.0.1:" + port + request.getLast());
        Tool.Result result = Tool.run(command.toArray(String[]::new));
        Set<String> told = new TreeSet<>();
        for (String line : Files.readAllLines(head, StandardCharsets.ISO_8859_1)) {
            int colon = line.indexOf(':');
            if (colon > 0 && TOLD.contains(line.substring(0, colon).toLowerCase(Locale.ROOT))) {
                told.add(line.substring(0, colon).toLowerCase(Locale.ROOT) + line.substring(colon));
            }
        }
        return new Seen(result.exit(), result.said(), told, Files.exists(body) ? sum(body) : "");
    }

    private static String sum(Path file) throws IOException, NoSuchAlgorithmException {
        byte[] bytes = Files.readAllBytes(file);
        return bytes.length
                + " "
                + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    @Test
    void handsEveryByteOfAnUploadOfCurlToNginx() throws Exception {
        Tool.require("nginx", "curl");
        Site site = started(Site.nginx(folder));
        LongRig rig = before(site.port);
        String big = site.root.resolve("30000000.bin").toString();

        upload(rig, site, "length", "-H", "Expect:", "-T", big);
        upload(rig, site, "expect", "-H", "Expect: 100-continue", "-T", big);
        upload(rig, site, "chunked", "-H", "Transfer-Encoding: chunked", "-T", big);
        upload(rig, site, "old", "--http1.0", "-T", big);
        upload(rig, site, "slow", "--limit-rate", "10M", "-T", big);
        upload(rig, site, "empty", "-T", site.root.resolve("empty.txt").toString());
    }

    private void upload(LongRig rig, Site site, String name, String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("curl", "-sS", "-m", "60", "-o", "/dev/null", "-w", "%{http_code}"));
        command.addAll(List.of(arguments));
        command.add("http://127.0.0.1:" + rig.port + "/dav/" + name);

        assertThat(Tool.run(command.toArray(String[]::new))).as(name).isEqualTo(new Tool.Result(0, "201"));
        assertThat(sum(site.root.resolve("dav").resolve(name)))
                .as(name)
                .isEqualTo(sum(Path.of(command.get(command.size() - 2))));
    }

    @Test
    void failsNoRequestOfTheLoadTools() throws Exception {
        Tool.require("nginx", "wrk", "h2load");
        Site site = started(Site.nginx(folder));
        LongRig rig = before(site.port);
        String url = "http://127.0.0.1:" + rig.port;

        for (String path : List.of("/a.css", "/70000.bin")) {
            String wrk = Tool.run("wrk", "-t1", "-c64", "-d10s", "--latency", url + path)
                    .said();
            print("wrk " + path, wrk, "50%|99%|Requests/sec");
            assertThat(wrk).contains("requests in").doesNotContain("Socket errors", "Non-2xx");
            String h2load =
                    Tool.run("h2load", "--h1", "-c50", "-n20000", url + path).said();
            print("h2load " + path, h2load, "finished in|requests:");
            assertThat(h2load).contains("20000 succeeded, 0 failed, 0 errored, 0 timeout");
        }
    }

    private static void print(String what, String said, String lines) {
        System.out.printf(
                "%-22s %s%n",
                what + ":",
                said.lines()
                        .map(String::strip)
                        .filter(line -> line.matches("(" + lines + ").*"))
                        .collect(Collectors.joining("; ")));
    }

    @Test
    void showsAPageToABrowserAsItIs() throws Exception {
        Tool.require("chromium");
        try (BrowserPage page = new BrowserPage()) {
            LongRig rig = before(page.port());

            String direct = page.seenAt(page.port(), folder);
            assertThat(direct).startsWith("rgb(255, 0, 0)|script|3|200 ");
            assertThat(page.seenAt(rig.port, folder)).isEqualTo(direct);
            System.out.println("chromium saw: " + direct);
        }
    }
}
