package io.penstock.appliance.command;

import tools.jackson.databind.JsonNode;

/** What the admin API says went wrong (RFC 9457), for people. */
final class ApiProblemText {
    private ApiProblemText() {}

    static CommandFailure failure(ApiAnswer answer, boolean hasToken) {
        int exitCode = answer.status() == 401 || answer.status() == 403 ? ExitCode.NOT_ALLOWED : ExitCode.FAILED;
        StringBuilder text = new StringBuilder(of(answer));
        if (answer.status() == 401) {
            text.append(
                    hasToken
                            ? "\n  " + answer.from()
                                    + " did not accept the token: is it this gateway's, and not revoked?"
                            : "\n  " + answer.from()
                                    + " was asked without a token. Name one with --token-file FILE, or keep one with: penstock context"
                                    + " add NAME --admin URL --token-file FILE");
        }
        return new CommandFailure(exitCode, text.toString());
    }

    /** Everything the API said. */
    static String of(ApiAnswer answer) {
        JsonNode problem = answer.json();
        String title = problem.path("title").asString("");
        StringBuilder text = new StringBuilder(title.isEmpty() ? "the admin API answered " + answer.status() : title);
        for (JsonNode error : problem.path("errors")) {
            String pointer = error.path("pointer").asString("");
            text.append("\n  ")
                    .append(pointer.isEmpty() ? "" : pointer + ": ")
                    .append(error.path("detail").asString(""));
            String hint = error.path("hint").asString("");
            if (!hint.isEmpty()) {
                text.append("\n    ").append(hint);
            }
        }
        for (JsonNode user : problem.path("usedBy")) {
            text.append("\n  used by ").append(user.asString(""));
        }
        for (JsonNode resource : problem.path("resources")) {
            text.append("\n  ")
                    .append(
                            resource.isString()
                                    ? resource.stringValue()
                                    : resource.path("resource").asString("") + ", owned by "
                                            + resource.path("owner").asString(""));
        }
        String hint = problem.path("hint").asString("");
        if (!hint.isEmpty() && problem.path("errors").isEmpty()) {
            text.append("\n  ").append(hint);
        }
        return PlainText.of(text.toString());
    }
}
