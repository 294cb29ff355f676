package io.penstock.http3;

import io.penstock.http.ByteBuilder;
import io.penstock.http.FieldSink;
import io.penstock.http.KnownField;
import io.penstock.http2.FieldOctets;
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
            FieldOctets.append(INDEXED, 6, index, section);
            return;
        }
        FieldOctets.append(NAMED, 4, StaticFields.STATUS_103, section);
        FieldOctets.append(0, 7, 3, section);
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
            FieldOctets.append(isSecret ? NAMED | NEVER_NAMED : NAMED, 4, index, section);
        } else {
            String name = field.lowerName();
            FieldOctets.append(isSecret ? LITERAL | NEVER_LITERAL : LITERAL, 3, name.length(), section);
            section.append(name);
        }
        value(bytes, offset, length);
    }

    @Override
    public void field(byte[] bytes, int nameOffset, int nameLength, int valueOffset, int valueLength) {
        FieldOctets.append(LITERAL, 3, nameLength, section);
        section.ensure(nameLength);
        for (int i = 0; i < nameLength; i++) {
            byte octet = bytes[nameOffset + i];
            section.append(octet >= 'A' && octet <= 'Z' ? (byte) (octet | 0x20) : octet);
        }
        value(bytes, valueOffset, valueLength);
    }

    private void value(byte[] bytes, int offset, int length) {
        FieldOctets.append(0, 7, length, section);
        section.append(bytes, offset, length);
    }
}
