package io.penstock.http3;

import io.penstock.http.ByteBuilder;
import io.penstock.http.FieldSink;
import io.penstock.http.KnownField;
import io.penstock.mark.WorkerConfined;

/**
 * Writes field sections, RFC 9204, by the static table alone: nothing is remembered, so that no section waits for another and one
 * writer serves all connections of a worker. What is secret is marked as never to be remembered by anyone.
 */
@WorkerConfined
public final class QpackEncoder implements FieldSink {
    private static final int INDEXED = 0xc0;
    private static final int NAMED = 0x50;
    private static final int LITERAL = 0x20;
    private static final int NEVER_NAMED = 0x20;
    private static final int NEVER_LITERAL = 0x10;

    private static final KnownField[] FIELDS = KnownField.values();
    private static final int[] STATIC_NAMES = new int[FIELDS.length];
    private static final long SECRET = KnownField.AUTHORIZATION.bit()
            | KnownField.COOKIE.bit()
            | KnownField.SET_COOKIE.bit()
            | KnownField.PROXY_AUTHORIZATION.bit();

    /** By status: its entry, or -1. */
    private static final byte[] STATUS = new byte[600];

    static {
        for (KnownField field : FIELDS) {
            STATIC_NAMES[field.id()] = field == KnownField.OTHER ? -1 : StaticFields.find(field.lowerName());
        }
        for (int status = 0; status < STATUS.length; status++) {
            STATUS[status] = (byte) StaticFields.find(":status", Integer.toString(status));
        }
    }

    private final byte[] digits = new byte[20];
    private ByteBuilder section = new ByteBuilder(1);

    /** Begins a section, behind what is there. */
    public void begin(ByteBuilder into) {
        section = into;
        into.append((byte) 0).append((byte) 0);
    }

    /** The pseudo-field of a response. */
    public void status(int status) {
        int index = status < STATUS.length ? STATUS[status] : -1;
        if (index >= 0) {
            integer(INDEXED, 6, index);
            return;
        }
        integer(NAMED, 4, StaticFields.STATUS_103);
        integer(0, 7, 3);
        section.appendDecimal(status);
    }

    @Override
    public void number(KnownField field, long value) {
        int at = digits.length;
        long rest = value;
        do {
            digits[--at] = (byte) ('0' + rest % 10);
            rest /= 10;
        } while (rest > 0);
        text(field, digits, at, digits.length - at);
    }

    @Override
    public void text(KnownField field, byte[] bytes, int offset, int length) {
        boolean isSecret = (field.bit() & SECRET) != 0;
        int index = STATIC_NAMES[field.id()];
        if (index >= 0) {
            integer(isSecret ? NAMED | NEVER_NAMED : NAMED, 4, index);
        } else {
            String name = field.lowerName();
            integer(isSecret ? LITERAL | NEVER_LITERAL : LITERAL, 3, name.length());
            section.append(name);
        }
        value(bytes, offset, length);
    }

    @Override
    public void field(byte[] bytes, int nameOffset, int nameLength, int valueOffset, int valueLength) {
        integer(LITERAL, 3, nameLength);
        section.ensure(nameLength);
        for (int i = 0; i < nameLength; i++) {
            byte octet = bytes[nameOffset + i];
            section.append(octet >= 'A' && octet <= 'Z' ? (byte) (octet | 0x20) : octet);
        }
        value(bytes, valueOffset, valueLength);
    }

    private void value(byte[] bytes, int offset, int length) {
        integer(0, 7, length);
        section.append(bytes, offset, length);
    }

    // RFC 7541 section 5.1.
    private void integer(int pattern, int prefixBits, int value) {
        int mask = (1 << prefixBits) - 1;
        if (value < mask) {
            section.append((byte) (pattern | value));
            return;
        }
        section.append((byte) (pattern | mask));
        int rest = value - mask;
        while (rest >= 0x80) {
            section.append((byte) (rest | 0x80));
            rest >>>= 7;
        }
        section.append((byte) rest);
    }
}
