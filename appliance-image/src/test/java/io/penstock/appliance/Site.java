package io.penstock.appliance;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A folder of files, served by a server of the world: nginx, or Python's own. */
final class Site implements AutoCloseable {
    private static final long SEED = 20_261_121L;

    final Path root;
    final int port;
    private final Process process;

    private Site(Path root, int port, Process process) {
        this.root = root;
        this.port = port;
        this.process = process;
    }

    /** Files of several kinds and sizes in this folder. */
    static Path write(Path root) throws IOException {
        Random random = new Random(SEED);
        Files.createDirectories(root.resolve("dir/sp ace"));
        Files.createDirectories(root.resolve("dav"));
        Files.writeString(root.resolve("index.html"), "<html><body>a page</body></html>");
        Files.writeString(root.resolve("a.css"), "body{color:red}");
        Files.writeString(root.resolve("empty.txt"), "");
        Files.writeString(root.resolve("dir/sp ace/ü.txt"), "ü");
        for (int size : new int[] {1, 70_000, 30_000_000}) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            Files.write(root.resolve(size + ".bin"), bytes);
        }
        return root;
    }

    /** By nginx, which takes uploads below {@code /dav/}. */
    static Site nginx(Path folder) throws IOException {
        Path root = write(folder.resolve("nginx-site"));
        int port = freePort();
        String user = "root".equals(System.getProperty("user.name")) ? "user root;" : "";
        StringBuilder temporary = new StringBuilder();
        for (String name : new String[] {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
            temporary.append(name + "_temp_path " + folder.resolve("nginx-" + name) + ";");
        }
        Path file = Files.writeString(folder.resolve("nginx.conf"), """
                %s daemon off; worker_processes 1; pid %s; error_log stderr crit;
                events { worker_connections 4096; }
                http {
                  access_log off; client_max_body_size 0; keepalive_requests 1000000; %s
                  types { text/html html; text/css css; }
                  server {
                    listen 127.0.0.1:%d backlog=4096;
                    root %s;
                    location /dav/ { dav_methods PUT DELETE; }
                    location /echo { return 200 "$request_method $request_uri $http_x_test"; }
                    location /gz/ { alias %s/; gzip on; gzip_types *; gzip_min_length 10; }
                  }
                }
                """.formatted(
                        user, folder.resolve("nginx.pid"), temporary, port, root, root));
        return started(root, port, folder, "nginx", "-e", "stderr", "-c", file.toString());
    }

    /** By Python's file server, which speaks HTTP/1.0. */
    static Site python(Path folder) throws IOException {
        Path root = write(folder.resolve("python-site"));
        int port = freePort();
        return started(
                root,
                port,
                folder,
                "python3",
                "-m",
                "http.server",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--directory",
                root.toString());
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static Site started(Path root, int port, Path folder, String... command) throws IOException {
        Path log = Files.createTempFile(folder, command[0], ".log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Site site = new Site(root, port, process);
        Awaitility.await(command[0])
                .ignoreExceptions()
                .failFast(command[0] + " ended: see " + log, () -> !process.isAlive())
                .until(() -> {
                    new LongRig.Client(port).close();
                    return true;
                });
        return site;
    }

    @Override
    public void close() {
        // nginx's worker ends with its master only if that one has the time to tell it.
        process.destroy();
        process.onExit()
                .orTimeout(10, TimeUnit.SECONDS)
                .exceptionally(late -> process.destroyForcibly())
                .join();
    }
}
