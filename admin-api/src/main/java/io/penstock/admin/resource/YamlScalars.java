package io.penstock.admin.resource;

import java.math.BigInteger;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Plain scalars by the core schema of YAML 1.2 (section 10.3.2): {@code no}, {@code on} and {@code 1_000} are texts. */
final class YamlScalars {
    private static final Pattern DECIMAL = Pattern.compile("[-+]?[0-9]+");
    private static final Pattern OCTAL = Pattern.compile("0o[0-7]+");
    private static final Pattern HEX = Pattern.compile("0x[0-9a-fA-F]+");
    private static final Pattern FLOAT = Pattern.compile(
            "[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");

    private YamlScalars() {}

    /** The value that a plain scalar stands for. */
    static JsonNode resolve(String text) {
        return switch (text) {
            case "", "~", "null", "Null", "NULL" -> JsonText.NODES.nullNode();
            case "true", "True", "TRUE" -> JsonText.NODES.booleanNode(true);
            case "false", "False", "FALSE" -> JsonText.NODES.booleanNode(false);
            default -> text.length() > JsonBounds.NUMBER_CHARS_MAX ? JsonText.NODES.stringNode(text) : number(text);
        };
    }

    /** Whether a text, written plain, would be read as something else. */
    static boolean needsQuotes(String text) {
        return !resolve(text).isString();
    }

    private static JsonNode number(String text) {
        if (DECIMAL.matcher(text).matches()) {
            return integer(text, 10);
        }
        if (OCTAL.matcher(text).matches()) {
            return integer(text.substring(2), 8);
        }
        if (HEX.matcher(text).matches()) {
            return integer(text.substring(2), 16);
        }
        if (!FLOAT.matcher(text).matches()) {
            return JsonText.NODES.stringNode(text);
        }
        String bare = text.replace("+", "").replace("-", "");
        // Infinities and what is no number have no JSON form; as texts they are refused where a number is wanted.
        return bare.startsWith(".") && !Character.isDigit(bare.charAt(1))
                ? JsonText.NODES.stringNode(text)
                : JsonText.NODES.numberNode(Double.parseDouble(text));
    }

    private static JsonNode integer(String digits, int radix) {
        BigInteger value = new BigInteger(digits, radix);
        if (value.bitLength() < Integer.SIZE) {
            return JsonText.NODES.numberNode(value.intValue());
        }
        return value.bitLength() < Long.SIZE
                ? JsonText.NODES.numberNode(value.longValue())
                : JsonText.NODES.numberNode(value);
    }
}
