package io.penstock.admin.resource;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Takes out of what leaves the house whatever is or may be a secret. The store never shows values of secrets; this is about
 * those that stand where anything may stand: headers that are set, settings of plugins, bodies, notes, queries. In doubt it
 * leaves out.
 */
final class Redaction {
    static final String LEFT_OUT = "(left out)";

    // Members below which operators write texts of their own.
    private static final Set<String> FREE = Set.of(
            "config",
            "set",
            "add",
            "append",
            "body",
            "html",
            "json",
            "text",
            "note",
            "headers",
            "params",
            "variables",
            "query",
            "referer",
            "referrer");

    private static final Pattern TELLING = Pattern.compile(
            "authori[sz]ation|cookie|token|secret|passw|passphrase|api[-_]?key|private|credential|hash|signature|salt|seed");

    private static final Pattern AFTER_SCHEME = Pattern.compile("(?i)\\b(bearer|basic|digest)\\s+[^\\s\",;]+");
    private static final Pattern USER_OF_URL = Pattern.compile("//[^/@\\s\"]+@");
    private static final Pattern QUERY = Pattern.compile("\\?[^\\s\"'<>)]+");
    private static final Pattern PEM = Pattern.compile("-----BEGIN [^-]+-----[^-]*(-----END [^-]+-----)?");
    private static final Pattern TOKEN_OF_OURS = Pattern.compile("\\bps[a-z]_[A-Za-z0-9_-]{8,}");

    // Headers whose value has blanks or semicolons in it: the rest of the line.
    private static final Pattern HEADER =
            Pattern.compile("(?i)\\b((?:proxy-)?authorization|(?:set-)?cookie)(\"?\\s*[=:]\\s*)[^\\r\\n]+");

    // Also as a member of JSON, and with blanks between quotes.
    private static final Pattern ASSIGNED = Pattern.compile(
            "(?i)([\\w.-]*(?:authorization|cookie|token|secret|passw|passphrase|api[-_]?key|private|credential)[\\w.-]*)(\\\\?[\"']?\\s*[=:]\\s*)"
                    + "(?:\"(?:[^\"\\\\]|\\\\.)*+\"?|'[^']*+'?|[^\\s,;]+)");

    // Three parts in base64url, of which the first is JSON (RFC 7519).
    private static final Pattern JSON_WEB_TOKEN = Pattern.compile("\\beyJ[\\w-]+\\.[\\w-]+\\.[\\w-]*");

    private Redaction() {}

    /** A copy without texts that may be secret. */
    static JsonNode of(JsonNode node) {
        return of(node, false);
    }

    private static JsonNode of(JsonNode node, boolean isFree) {
        if (node instanceof ObjectNode object) {
            ObjectNode copy = JsonText.NODES.objectNode();
            for (Map.Entry<String, JsonNode> member : object.properties()) {
                boolean isHidden = isFree || FREE.contains(member.getKey()) || isTelling(member.getKey());
                JsonNode value = member.getValue();
                // A number of ours has a name of ours; below what operators write it may be a secret as well as a text.
                copy.set(member.getKey(), value.isNumber() && !isFree ? value : of(value, isHidden));
            }
            return copy;
        }
        if (node instanceof ArrayNode array) {
            ArrayNode copy = JsonText.NODES.arrayNode();
            array.forEach(one -> copy.add(of(one, isFree)));
            return copy;
        }
        if (!node.isString()) {
            return isFree && node.isNumber() ? JsonText.NODES.stringNode(LEFT_OUT) : node;
        }
        return JsonText.NODES.stringNode(isFree ? LEFT_OUT : line(node.stringValue()));
    }

    private static boolean isTelling(String member) {
        return TELLING.matcher(member.toLowerCase(Locale.ROOT)).find();
    }

    /** A line of a log or of a listing, without what follows words that announce a secret. */
    static String line(String text) {
        String left = PEM.matcher(text).replaceAll(LEFT_OUT);
        left = JSON_WEB_TOKEN.matcher(left).replaceAll(LEFT_OUT);
        left = HEADER.matcher(left).replaceAll("$1$2" + LEFT_OUT);
        left = AFTER_SCHEME.matcher(left).replaceAll("$1 " + LEFT_OUT);
        left = USER_OF_URL.matcher(left).replaceAll("//" + LEFT_OUT + "@");
        left = QUERY.matcher(left).replaceAll("?" + LEFT_OUT);
        left = TOKEN_OF_OURS.matcher(left).replaceAll(LEFT_OUT);
        return ASSIGNED.matcher(left).replaceAll("$1$2" + LEFT_OUT);
    }
}
