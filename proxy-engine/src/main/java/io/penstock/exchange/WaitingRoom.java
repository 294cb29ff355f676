package io.penstock.exchange;

import io.penstock.http.KnownField;
import io.penstock.http.Method;
import io.penstock.http.RequestHead;
import io.penstock.metrics.Reason;

/** What a client is told that admission turned away: a page that comes again by itself for browsers, JSON for all others. */
final class WaitingRoom {
    private static final String PAGE = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            REFRESH<title>A moment, please</title>
            <style>
            body { font: 1.1rem/1.6 system-ui, sans-serif; max-width: 32rem; margin: 20vh auto; padding: 0 1rem; }
            small { color: #666; }
            </style>
            </head>
            <body>
            <h1>A moment, please</h1>
            <p>More people are here right now than can be served at once. ADVICE</p>
            <p><small>Request ID</small></p>
            </body>
            </html>
            """;

    private WaitingRoom() {}

    static boolean isFor(Reason reason) {
        return reason == Reason.ADMISSION_QUEUE_FULL || reason == Reason.ADMISSION_TIMEOUT;
    }

    static boolean wantsPage(RequestHead request) {
        int accept = request.fields().find(KnownField.ACCEPT);
        return accept >= 0 && request.fields().value(accept).contains("text/html");
    }

    /** The page. The request id may be one that a trusted peer has made up. */
    static String page(RequestHead request, long retrySeconds, String requestId) {
        // A browser comes again with GET: what was posted must not be asked for as if it were a page.
        boolean comesAgain = request.method() == Method.GET;
        return PAGE.replace(
                        "REFRESH", comesAgain ? "<meta http-equiv=\"refresh\" content=\"" + retrySeconds + "\">\n" : "")
                .replace(
                        "ADVICE",
                        (comesAgain ? "This page tries again in " : "Please try again in ") + retrySeconds
                                + " seconds.")
                .replace("ID</small>", requestId.replace("&", "&amp;").replace("<", "&lt;") + "</small>");
    }
}
