package io.penstock.http2;

import io.penstock.http.ByteBuilder;
import io.penstock.http.KnownField;
import io.penstock.http.RequestSink;
import io.penstock.mark.WorkerConfined;
import java.util.Arrays;

/**
 * Writes header blocks, RFC 7541. Fields whose values return from message to message are remembered, one value for each
 * name, so that finding them takes one comparison; what is secret is marked as never to be remembered by anyone, and all
 * else is written out. Without Huffman coding: what it would save is remembered mostly, and it costs at both ends.
 */
@WorkerConfined
public final class HpackEncoder implements RequestSink {
    private static final int TABLE_BYTES_MAX = 4096;
    private static final int REMEMBERED_BYTES_MAX = 256;
    private static final int ENTRIES_MAX = TABLE_BYTES_MAX / DynamicTable.ENTRY_OVERHEAD;

    private static final int INDEXED = 0x80;
    private static final int ADDED = 0x40;
    private static final int NEVER = 0x10;
    private static final int PLAIN = 0;
    private static final byte[] NOTHING = {};

    private static final KnownField[] FIELDS = KnownField.values();
    private static final int[] STATIC_NAMES = new int[FIELDS.length];
    private static final long REMEMBERED = bits(
            KnownField.SERVER,
            KnownField.DATE,
            KnownField.CONTENT_TYPE,
            KnownField.CONTENT_ENCODING,
            KnownField.CONTENT_LANGUAGE,
            KnownField.CACHE_CONTROL,
            KnownField.EXPIRES,
            KnownField.PRAGMA,
            KnownField.VARY,
            KnownField.VIA,
            KnownField.ACCEPT_RANGES,
            KnownField.ACCEPT,
            KnownField.ACCEPT_ENCODING,
            KnownField.ACCEPT_LANGUAGE,
            KnownField.USER_AGENT,
            // Stands for :authority, which has no field of its own.
            KnownField.HOST);
    private static final long SECRET =
            bits(KnownField.AUTHORIZATION, KnownField.COOKIE, KnownField.SET_COOKIE, KnownField.PROXY_AUTHORIZATION);

    static {
        for (KnownField field : FIELDS) {
            STATIC_NAMES[field.id()] = field == KnownField.OTHER ? 0 : StaticTable.find(field.lowerName());
        }
        STATIC_NAMES[KnownField.HOST.id()] = StaticTable.AUTHORITY;
    }

    // For each field that is remembered: which entry it became, counted over all that ever were, and its value.
    private final long[] entryOf = new long[FIELDS.length];
    private final byte[][] valueOf = new byte[FIELDS.length][];
    private final int[] valueLength = new int[FIELDS.length];
    // A ring of the sizes of the entries that the peer still has.
    private final short[] sizes = new short[ENTRIES_MAX + 1];
    private final byte[] digits = new byte[20];
    private ByteBuilder block = new ByteBuilder(1);
    private long added;
    private long evicted;
    private int tableBytes;
    private int tableBytesMax = TABLE_BYTES_MAX;
    // RFC 7541 section 4.2: of the sizes since the last block the smallest is told, and then the one that holds.
    private int tableBytesLeast;
    private boolean owesResize;

    /** An encoder with an empty table. */
    public HpackEncoder() {
        Arrays.fill(entryOf, -1);
        Arrays.fill(valueOf, NOTHING);
    }

    /** The peer keeps a table of that size at most. */
    public void peerTable(long bytes) {
        int wanted = (int) Math.min(bytes, TABLE_BYTES_MAX);
        if (wanted != tableBytesMax) {
            tableBytesLeast = owesResize ? Math.min(tableBytesLeast, wanted) : wanted;
            tableBytesMax = wanted;
            evict(0);
            owesResize = true;
        }
    }

    /** Begins a block, behind what is there. */
    public void begin(ByteBuilder into) {
        block = into;
        if (owesResize) {
            owesResize = false;
            if (tableBytesLeast < tableBytesMax) {
                FieldOctets.append(0x20, 5, tableBytesLeast, block);
            }
            FieldOctets.append(0x20, 5, tableBytesMax, block);
        }
    }

    /** The pseudo-field of a response. */
    public void status(int status) {
        int index = switch (status) {
            case 200 -> StaticTable.STATUS_200;
            case 204 -> StaticTable.STATUS_200 + 1;
            case 206 -> StaticTable.STATUS_200 + 2;
            case 304 -> StaticTable.STATUS_200 + 3;
            case 400 -> StaticTable.STATUS_200 + 4;
            case 404 -> StaticTable.STATUS_200 + 5;
            case 500 -> StaticTable.STATUS_200 + 6;
            default -> 0;
        };
        if (index > 0) {
            block.append((byte) (INDEXED | index));
            return;
        }
        FieldOctets.append(PLAIN, 4, StaticTable.STATUS_200, block);
        FieldOctets.append(0, 7, 3, block);
        block.appendDecimal(status);
    }

    /** The pseudo-field of a request that says how its target is reached. */
    public void scheme(boolean isSecure) {
        block.append((byte) (INDEXED | (isSecure ? StaticTable.SCHEME_HTTPS : StaticTable.SCHEME_HTTP)));
    }

    @Override
    public void method(byte[] bytes, int offset, int length) {
        if (length == 3 && bytes[offset] == 'G' && bytes[offset + 1] == 'E' && bytes[offset + 2] == 'T') {
            block.append((byte) (INDEXED | StaticTable.METHOD_GET));
            return;
        }
        FieldOctets.append(PLAIN, 4, StaticTable.METHOD_GET, block);
        value(bytes, offset, length);
    }

    @Override
    public void target(byte[] bytes, int offset, int length) {
        FieldOctets.append(PLAIN, 4, StaticTable.PATH_ROOT, block);
        value(bytes, offset, length);
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
        int known = field.id();
        long bit = 1L << known;
        if ((bit & REMEMBERED) != 0 && length <= REMEMBERED_BYTES_MAX) {
            remembered(known, bytes, offset, length);
            return;
        }
        FieldOctets.append((bit & SECRET) != 0 ? NEVER : PLAIN, 4, STATIC_NAMES[known], block);
        if (STATIC_NAMES[known] == 0) {
            name(field);
        }
        value(bytes, offset, length);
    }

    @Override
    public void field(byte[] bytes, int nameOffset, int nameLength, int valueOffset, int count) {
        FieldOctets.append(PLAIN, 4, 0, block);
        FieldOctets.append(0, 7, nameLength, block);
        block.ensure(nameLength);
        for (int i = 0; i < nameLength; i++) {
            byte octet = bytes[nameOffset + i];
            block.append(octet >= 'A' && octet <= 'Z' ? (byte) (octet | 0x20) : octet);
        }
        value(bytes, valueOffset, count);
    }

    private void remembered(int known, byte[] bytes, int offset, int length) {
        long entry = entryOf[known];
        if (entry >= evicted
                && valueLength[known] == length
                && Arrays.equals(valueOf[known], 0, length, bytes, offset, offset + length)) {
            FieldOctets.append(INDEXED, 7, StaticTable.COUNT + (int) (added - entry), block);
            return;
        }
        int size = nameLength(known) + length + DynamicTable.ENTRY_OVERHEAD;
        boolean fits = size <= tableBytesMax;
        FieldOctets.append(fits ? ADDED : PLAIN, fits ? 6 : 4, STATIC_NAMES[known], block);
        if (STATIC_NAMES[known] == 0) {
            name(FIELDS[known]);
        }
        value(bytes, offset, length);
        if (fits) {
            evict(size);
            sizes[(int) (added % sizes.length)] = (short) size;
            tableBytes += size;
            entryOf[known] = added++;
            if (valueOf[known].length < length) {
                valueOf[known] = new byte[Math.max(32, length)];
            }
            System.arraycopy(bytes, offset, valueOf[known], 0, length);
            valueLength[known] = length;
        }
    }

    private static int nameLength(int known) {
        return STATIC_NAMES[known] > 0
                ? StaticTable.name(STATIC_NAMES[known]).length
                : FIELDS[known].lowerName().length();
    }

    private void evict(int size) {
        while (evicted < added && tableBytes + size > tableBytesMax) {
            tableBytes -= sizes[(int) (evicted++ % sizes.length)];
        }
    }

    private void name(KnownField field) {
        String name = field.lowerName();
        FieldOctets.append(0, 7, name.length(), block);
        block.append(name);
    }

    private void value(byte[] bytes, int offset, int length) {
        FieldOctets.append(0, 7, length, block);
        block.append(bytes, offset, length);
    }

    private static long bits(KnownField... fields) {
        long bits = 0;
        for (KnownField field : fields) {
            bits |= field.bit();
        }
        return bits;
    }
}
