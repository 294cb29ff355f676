package io.penstock.appliance.command;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Speaks to one admin API as one token's bearer. One thread at a time. */
public final class ApiClient implements AutoCloseable {
    private static final Duration CONNECT_MAX = Duration.ofSeconds(5);
    private static final Duration ANSWER_MAX = Duration.ofSeconds(90);
    private static final Duration FILE_MAX = Duration.ofMinutes(30);

    private final URI base;
    private final Optional<String> token;
    private final Optional<String> fingerprint;
    private final AdminTrust trust;
    private final HttpClient http;

    /** A client of the API at this base, which has no slash at its end; its certificate is one that this machine trusts. */
    public ApiClient(URI base, Optional<String> token) {
        this(base, token, Optional.empty());
    }

    /** @param fingerprint of the only certificate that is believed, as {@link AdminTrust#normal} gives it; empty for what this machine trusts */
    ApiClient(URI base, Optional<String> token, Optional<String> fingerprint) {
        this.base = base;
        this.token = token;
        this.fingerprint = fingerprint;
        this.trust = AdminTrust.of(fingerprint);
        this.http = HttpClient.newBuilder()
                .sslContext(trust.context())
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_MAX)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    URI base() {
        return base;
    }

    Optional<String> fingerprint() {
        return fingerprint;
    }

    boolean hasToken() {
        return token.isPresent();
    }

    /** A request to be filled in and sent. */
    public Call call(String method, String path) {
        return new Call(method, path);
    }

    /** Sends a request without a body and gives its answer's JSON, or fails with what the API said. */
    public JsonNode get(String path) {
        return call("GET", path).send().json();
    }

    /** One request. */
    public final class Call {
        private final String method;
        private final String path;
        private final Map<String, String> headers = new LinkedHashMap<>();
        private final StringBuilder query = new StringBuilder();
        private HttpRequest.BodyPublisher body = HttpRequest.BodyPublishers.noBody();
        private Duration atMost = ANSWER_MAX;

        private Call(String method, String path) {
            this.method = method;
            this.path = path;
            headers.put("Accept", "application/json");
            token.ifPresent(secret -> headers.put("Authorization", "Bearer " + secret));
        }

        public Call header(String name, String value) {
            headers.put(name, value);
            return this;
        }

        public Call query(String name, String value) {
            query.append(query.isEmpty() ? '?' : '&')
                    .append(name)
                    .append('=')
                    .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
            return this;
        }

        Call flag(String name, boolean isSet) {
            return isSet ? query(name, "true") : this;
        }

        public Call json(JsonNode content) {
            return bytes("application/json", JsonMapper.shared().writeValueAsBytes(content));
        }

        Call bytes(String mediaType, byte[] content) {
            body = HttpRequest.BodyPublishers.ofByteArray(content.clone());
            return header("Content-Type", mediaType);
        }

        /** A body that may be larger than memory. */
        Call file(String mediaType, Path content) throws FileNotFoundException {
            body = HttpRequest.BodyPublishers.ofFile(content);
            atMost = FILE_MAX;
            return header("Content-Type", mediaType);
        }

        /** The operator's words, for the revision and the audit log. */
        public Call note(Optional<String> note) {
            return note.map(words -> header("Change-Note", fieldText(words))).orElse(this);
        }

        /** The answer, good or bad; fails only if there is none. */
        public ApiAnswer exchange() {
            try {
                HttpResponse<byte[]> response = http.send(request(), HttpResponse.BodyHandlers.ofByteArray());
                return new ApiAnswer(base, response.statusCode(), response.headers(), response.body());
            } catch (IOException failed) {
                throw new CommandFailure(ExitCode.UNREACHABLE, unreachable(failed));
            } catch (InterruptedException stopping) {
                throw interrupted();
            }
        }

        private HttpRequest request() {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path + query))
                    .timeout(atMost)
                    .method(method, body);
            headers.forEach(request::header);
            return request.build();
        }

        /**
         * Writes the body of a good answer into a file, which may be larger than memory.
         *
         * @return the answer without its body; a failure with what the API said if it was not good
         */
        ApiAnswer sendTo(Path file) {
            atMost = FILE_MAX;
            // Set before the body comes, and read behind its end.
            boolean[] isWriting = new boolean[1];
            HttpResponse<byte[]> response;
            try {
                response = http.send(request(), info -> {
                    isWriting[0] = info.statusCode() / 100 == 2;
                    return isWriting[0]
                            ? HttpResponse.BodySubscribers.mapping(
                                    HttpResponse.BodySubscribers.ofFile(file), written -> new byte[0])
                            : HttpResponse.BodySubscribers.ofByteArray();
                });
            } catch (IOException failed) {
                throw isWriting[0]
                        ? new CommandFailure(ExitCode.FAILED, brokenOff(file, failed))
                        : new CommandFailure(ExitCode.UNREACHABLE, unreachable(failed));
            } catch (InterruptedException stopping) {
                throw interrupted();
            }
            ApiAnswer answer = new ApiAnswer(base, response.statusCode(), response.headers(), response.body());
            if (!answer.isGood()) {
                throw ApiProblemText.failure(answer, hasToken());
            }
            return answer;
        }

        /** A good answer, or a failure with what the API said. */
        public ApiAnswer send() {
            ApiAnswer answer = exchange();
            if (!answer.isGood()) {
                throw ApiProblemText.failure(answer, hasToken());
            }
            return answer;
        }
    }

    /** A text as a header field carries it: ASCII as it is, all else as an extended value (RFC 8187). */
    private static String fieldText(String words) {
        String line = words.strip().replaceAll("\\p{Cntrl}+", " ");
        return line.chars().allMatch(character -> character < 0x7f)
                ? line
                : "UTF-8''" + URLEncoder.encode(line, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static CommandFailure interrupted() {
        Thread.currentThread().interrupt();
        return new CommandFailure(ExitCode.FAILED, "interrupted");
    }

    private String brokenOff(Path file, IOException failed) {
        long came;
        try {
            came = Files.size(file);
        } catch (IOException gone) {
            came = 0;
        }
        return "admin API " + base + ": what was to be written into " + file + " broke off after " + came + " bytes: "
                + FileTrouble.reason(failed)
                + ". Nothing of it is kept; ask again, and if it breaks off again look into the"
                + " gateway's log";
    }

    private String unreachable(IOException failed) {
        Optional<String> complaint = trust.complaint();
        if (complaint.isPresent()) {
            return "admin API " + base + ": " + complaint.get() + ".";
        }
        String why = switch (failed) {
            case ConnectException refused -> "nobody answers there";
            case HttpTimeoutException late -> "it did not answer in time";
            case SSLException tls -> "TLS failed: " + tls.getMessage();
            default -> String.valueOf(failed.getMessage());
        };
        return "admin API " + base + ": " + why
                + ". Is the gateway running (penstock run --data DIR)? Another address is"
                + " named with --admin URL or a context.";
    }

    @Override
    public void close() {
        http.shutdownNow();
        http.close();
    }
}
