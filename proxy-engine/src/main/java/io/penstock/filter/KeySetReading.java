package io.penstock.filter;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyType;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.penstock.config.ValueText;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A JWK set (RFC 7517, section 5) read key by key: those that can check a signature, and of every other one why it cannot. A
 * reader passes over keys that it does not understand, as section 5 asks, so one of them spoils no set.
 *
 * @param keys public ones for signatures, in the order they came
 * @param leftOut the others
 */
record KeySetReading(List<JWK> keys, List<LeftOut> leftOut) {
    private static final int KEYS_MAX = 256;
    private static final int RSA_BITS_MIN = 2048;
    private static final int ED25519_BYTES = 32;
    private static final int TOLD_MAX = 8;
    private static final Set<Curve> CURVES = Set.of(Curve.P_256, Curve.P_384, Curve.P_521);
    private static final List<String> KINDS = List.of("RSA", "EC", "OKP");

    /**
     * A key that is not used.
     *
     * @param index in the set
     * @param kid how a message names it beside its index
     * @param why a sentence that goes on from its name
     * @param isFault whether it is no key as its kty says, so that whoever wrote it meant something else
     */
    record LeftOut(int index, String kid, String why, boolean isFault) {
        String text() {
            return "keys/" + index + " (" + kid + ") " + why;
        }
    }

    KeySetReading {
        keys = List.copyOf(keys);
        leftOut = List.copyOf(leftOut);
    }

    /**
     * Reads a set, with or without keys of use.
     *
     * @throws ParseException if it is none
     */
    static KeySetReading of(String jwks) throws ParseException {
        Object listed;
        try {
            listed = JSONObjectUtils.parse(jwks).get("keys");
        } catch (ParseException noObject) {
            throw new ParseException("it is no JSON object", 0);
        }
        if (!(listed instanceof List<?> members)) {
            throw new ParseException(
                    listed == null ? "it has no member \"keys\"" : "its member \"keys\" is no list of keys", 0);
        }
        List<JWK> keys = new ArrayList<>();
        List<LeftOut> leftOut = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            if (members.get(i) instanceof Map<?, ?> key) {
                read(i, object(key), keys, leftOut);
            } else {
                leftOut.add(new LeftOut(i, "no kid", "is no JSON object", true));
            }
        }
        return new KeySetReading(keys, leftOut);
    }

    @SuppressWarnings("unchecked") // members of a JSON object have names
    private static Map<String, Object> object(Map<?, ?> parsed) {
        return (Map<String, Object>) parsed;
    }

    private static void read(int index, Map<String, Object> members, List<JWK> keys, List<LeftOut> leftOut) {
        String kid = members.get("kid") instanceof String text ? "kid \"" + ValueText.shown(text) + '"' : "no kid";
        if (!(members.get("kty") instanceof String kind)) {
            leftOut.add(new LeftOut(index, kid, "has no kty, wanted one of " + KINDS, true));
            return;
        }
        if (!KINDS.contains(kind)) {
            String what = kind.equals(KeyType.OCT.getValue())
                    ? "is a shared secret (kty oct), wanted a public key: whoever can check with a secret can sign too"
                    : "is of the unknown kty \"" + ValueText.shown(kind) + "\", wanted one of " + KINDS;
            leftOut.add(new LeftOut(index, kid, what, false));
            return;
        }
        JWK key;
        try {
            key = JWK.parse(members);
        } catch (ParseException | RuntimeException unreadable) {
            leftOut.add(new LeftOut(index, kid, unreadable(kind, members, unreadable), true));
            return;
        }
        String unfit = unfit(key);
        if (!unfit.isEmpty()) {
            leftOut.add(new LeftOut(index, kid, unfit, false));
        } else if (keys.size() == KEYS_MAX) {
            leftOut.add(new LeftOut(index, kid, "is one more than the " + KEYS_MAX + " that are read", false));
        } else {
            keys.add(key.toPublicJWK());
        }
    }

    private static String unreadable(String kind, Map<String, Object> members, Exception unreadable) {
        if (!kind.equals("RSA") && members.get("crv") instanceof String curve && !isCurve(curve)) {
            return "is of the unknown curve \"" + ValueText.shown(curve) + "\", wanted " + curves(kind);
        }
        return "cannot be read: " + ValueText.shown(String.valueOf(unreadable.getMessage()));
    }

    private static boolean isCurve(String name) {
        return name.equals(Curve.Ed25519.getName())
                || CURVES.stream().anyMatch(curve -> curve.getName().equals(name));
    }

    private static String curves(String kind) {
        return kind.equals("EC") ? "P-256, P-384 or P-521" : "Ed25519";
    }

    /** Why a key that can be read checks no signature, empty if it does. */
    private static String unfit(JWK key) {
        if (key.getKeyUse() != null && !key.getKeyUse().equals(KeyUse.SIGNATURE)) {
            return "has use \"" + ValueText.shown(key.getKeyUse().identifier())
                    + "\", wanted \"sig\" or none: it is not for signatures";
        }
        if (key.getKeyOperations() != null && !key.getKeyOperations().contains(KeyOperation.VERIFY)) {
            return "has key_ops without \"verify\", wanted it among them, or no key_ops";
        }
        return switch (key) {
            case RSAKey rsa
            when rsa.size() < RSA_BITS_MIN ->
                "is an RSA key of " + rsa.size() + " bits, wanted " + RSA_BITS_MIN + " or more";
            case ECKey ec when !CURVES.contains(ec.getCurve()) -> otherCurve(ec.getCurve(), "EC");
            case OctetKeyPair pair when !pair.getCurve().equals(Curve.Ed25519) -> otherCurve(pair.getCurve(), "OKP");
            case OctetKeyPair pair
            when pair.getDecodedX().length != ED25519_BYTES ->
                "has an x of " + pair.getDecodedX().length + " bytes, wanted " + ED25519_BYTES;
            default -> "";
        };
    }

    private static String otherCurve(Curve curve, String kind) {
        return "is of the curve \"" + ValueText.shown(curve.getName())
                + "\", by which no accepted algorithm signs, wanted " + curves(kind);
    }

    /** Whether a key was written that is none. */
    boolean hasFault() {
        return leftOut.stream().anyMatch(LeftOut::isFault);
    }

    /** The keys that are not used, each with why; of many the first. */
    String leftOutText() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(leftOut.size(), TOLD_MAX); i++) {
            text.append(i == 0 ? "" : "; ").append(leftOut.get(i).text());
        }
        return leftOut.size() > TOLD_MAX ? text + "; and " + (leftOut.size() - TOLD_MAX) + " more" : text.toString();
    }
}
