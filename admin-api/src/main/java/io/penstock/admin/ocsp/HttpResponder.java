package io.penstock.admin.ocsp;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Responders over HTTP (RFC 6960 appendix A), with bounds on time and bytes. */
final class HttpResponder implements Responder {
    private static final Duration ANSWER_MAX = Duration.ofSeconds(10);
    private static final int ANSWER_BYTES_MAX = 64 * 1024;
    private static final int OK = 200;

    @Override
    public byte[] ask(URI address, byte[] request) throws StatusUnknown, InterruptedException {
        HttpClient client = HttpClient.newBuilder()
                .connectTimeout(ANSWER_MAX)
                .followRedirects(HttpClient.Redirect.NEVER)
                .version(HttpClient.Version.HTTP_1_1)
                .build();
        try {
            CompletableFuture<HttpResponse<byte[]>> sent = client.sendAsync(
                    HttpRequest.newBuilder(address)
                            .timeout(ANSWER_MAX)
                            .header("Content-Type", "application/ocsp-request")
                            .header("Accept", "application/ocsp-response")
                            .POST(HttpRequest.BodyPublishers.ofByteArray(request))
                            .build(),
                    HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), ANSWER_BYTES_MAX));
            HttpResponse<byte[]> answer = sent.get(ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS);
            if (answer.statusCode() != OK) {
                throw new StatusUnknown(address + " answers " + answer.statusCode() + ", wanted 200");
            }
            return answer.body();
        } catch (TimeoutException late) {
            throw new StatusUnknown(
                    address + " gives no complete answer within " + ANSWER_MAX.toSeconds() + " s", late);
        } catch (ExecutionException failed) {
            throw new StatusUnknown(address + " cannot be asked: " + failed.getCause(), failed);
        } finally {
            client.shutdownNow();
        }
    }
}
