package io.penstock.appliance.command;

import java.net.URI;
import java.net.URISyntaxException;

/** The address of an admin API, as people write it. */
final class AdminAddress {
    private AdminAddress() {}

    /** The base of all paths, without a slash at its end. */
    static URI parse(String text) {
        String full = text.contains("://") ? text : "http://" + text;
        URI found;
        try {
            found = new URI(full.endsWith("/") ? full.substring(0, full.length() - 1) : full);
        } catch (URISyntaxException malformed) {
            throw refused(text);
        }
        boolean isHttp = "http".equals(found.getScheme()) || "https".equals(found.getScheme());
        if (!isHttp || found.getHost() == null || found.getRawUserInfo() != null || found.getRawQuery() != null) {
            throw refused(text);
        }
        if ("http".equals(found.getScheme()) && !isLoopback(found.getHost())) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "admin address " + text + ": plain http sends the token readable for everyone on the way. Use"
                            + " https, or run the command on the gateway's own machine.");
        }
        return found;
    }

    static boolean isLoopback(String host) {
        return host.equals("localhost") || host.equals("[::1]") || host.matches("127(\\.[0-9]{1,3}){3}");
    }

    private static CommandFailure refused(String text) {
        return new CommandFailure(
                ExitCode.USAGE,
                "admin address " + PlainText.of(text) + ": wanted a URL, for example " + GatewayOptions.ADMIN_DEFAULT);
    }
}
