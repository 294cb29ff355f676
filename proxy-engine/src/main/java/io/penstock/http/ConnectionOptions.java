package io.penstock.http;

import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;

/**
 * The options of the Connection fields, RFC 9110 section 7.6.1. Fields that they name are for this hop only and are
 * taken out of the head, with two exceptions that keep a sender from cutting out what others rely on: a field that is
 * by definition for every recipient stays, and naming one that frames or directs the message is refused.
 */
@WorkerConfined
final class ConnectionOptions {
    private static final int NAMES_MAX = 32;

    private final Refusal refusal;
    private final Reason badField;
    private boolean hasClose;
    private boolean hasKeepAlive;
    private boolean hasUpgrade;
    private int names;

    ConnectionOptions(Refusal refusal, Reason badField) {
        this.refusal = refusal;
        this.badField = badField;
    }

    boolean hasClose() {
        return hasClose;
    }

    boolean hasKeepAlive() {
        return hasKeepAlive;
    }

    boolean hasUpgrade() {
        return hasUpgrade;
    }

    /** Whether the connection stays after a message of that version. */
    boolean isKeepAlive(int minorVersion) {
        return !hasClose && (minorVersion > 0 || hasKeepAlive);
    }

    /** Reads all Connection fields of a head. */
    boolean read(Fields fields) {
        hasClose = hasKeepAlive = hasUpgrade = false;
        names = 0;
        for (int i = fields.find(KnownField.CONNECTION); i >= 0; i = fields.find(KnownField.CONNECTION, i + 1)) {
            int before = fields.count();
            if (!readList(fields, i)) {
                return false;
            }
            if (fields.count() != before) {
                // Removals moved the table: begin again behind the fields that were read, which have no more to remove.
                i = -1;
                names = 0;
            }
        }
        return true;
    }

    private boolean readList(Fields fields, int index) {
        byte[] bytes = fields.bytes();
        int end = fields.valueOffset(index) + fields.valueLength(index);
        int at = fields.valueOffset(index);
        while (at < end) {
            if (bytes[at] == ',' || bytes[at] == ' ' || bytes[at] == '\t') {
                at++;
                continue;
            }
            int tokenEnd = Octets.tokenEnd(bytes, at, end);
            int next = tokenEnd;
            while (next < end && (bytes[next] == ' ' || bytes[next] == '\t')) {
                next++;
            }
            if (tokenEnd == at || (next < end && bytes[next] != ',')) {
                return refusal.refuse(badField, "Connection is not a list of tokens.");
            }
            if (!take(fields, bytes, at, tokenEnd - at)) {
                return false;
            }
            at = next;
        }
        return true;
    }

    private boolean take(Fields fields, byte[] bytes, int offset, int length) {
        if (Octets.equalsIgnoreCase(bytes, offset, length, "close")) {
            hasClose = true;
            return true;
        }
        if (++names > NAMES_MAX) {
            return refusal.refuse(badField, "Connection names more than " + NAMES_MAX + " fields.");
        }
        KnownField known = KnownField.at(FieldNames.idOf(bytes, offset, length));
        if (known == KnownField.KEEP_ALIVE) {
            hasKeepAlive = true;
        } else if (known == KnownField.UPGRADE) {
            hasUpgrade = true;
        } else if (known == KnownField.OTHER) {
            removeAll(fields, bytes, offset, length);
        } else if (known.role() == KnownField.Role.FRAMING) {
            return refusal.refuse(
                    badField,
                    "Connection names " + Octets.quoted(bytes, offset, length)
                            + ", which frames or directs the message for every recipient.");
        }
        return true;
    }

    private static void removeAll(Fields fields, byte[] bytes, int offset, int length) {
        for (int i = fields.count() - 1; i >= 0; i--) {
            if (fields.nameLength(i) == length && equalsIgnoreCase(bytes, fields.nameOffset(i), offset, length)) {
                fields.remove(i);
            }
        }
    }

    private static boolean equalsIgnoreCase(byte[] bytes, int first, int second, int length) {
        for (int i = 0; i < length; i++) {
            if (Octets.lower(bytes[first + i]) != Octets.lower(bytes[second + i])) {
                return false;
            }
        }
        return true;
    }
}
