package io.penstock.http;

import io.penstock.mark.WorkerConfined;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * The field lines of a head or a trailer section, in the order they came: a table of offsets into one run of bytes.
 *
 * <p>No object stands for a field, and a {@code String} is made only for whoever asks. Edits append bytes behind the
 * head and change the table. Any edit may replace the array: ask {@link #bytes()} again afterwards. Indexes run from 0
 * to {@link #count()} and shift when a field is removed.
 */
@WorkerConfined
public final class Fields {
    /** Fields that may be in the table, parsed and added ones together. */
    public static final int COUNT_MAX = 10_000;

    /** Bytes that a head may have with everything that was added to it. */
    public static final int BYTES_MAX = 2 << 20;

    private static final int SLOTS = 4;
    private static final int NAME_LENGTH_MASK = 0x1f_ffff;
    private static final int KNOWN_SHIFT = 21;
    private static final int KNOWN_MASK = 0x3f;
    private static final int EDITED = 1 << 27;
    private static final int INITIAL_FIELDS = 24;
    private static final int RETAINED_FIELDS_MAX = 256;

    private final ByteBuilder region;
    // For each field: name offset, name length with the known field and the mark of an edit, value offset, value
    // length.
    private int[] table = new int[INITIAL_FIELDS * SLOTS];
    private int count;
    // The known fields that may be present: a bit that is not set spares the search.
    private long present;

    /** Makes an empty section with bytes of its own. */
    public Fields() {
        this(new ByteBuilder(256));
    }

    Fields(ByteBuilder region) {
        this.region = region;
    }

    ByteBuilder region() {
        return region;
    }

    /** The bytes that all offsets refer to; replaced by edits. */
    public byte[] bytes() {
        return region.array();
    }

    /** How many fields there are. */
    public int count() {
        return count;
    }

    /** Where the name begins, in {@link #bytes()}; its case is the sender's. */
    public int nameOffset(int index) {
        return table[index * SLOTS];
    }

    /** How long the name is, in bytes. */
    public int nameLength(int index) {
        return table[index * SLOTS + 1] & NAME_LENGTH_MASK;
    }

    /** Where the value begins, in {@link #bytes()}, without white space around it. */
    public int valueOffset(int index) {
        return table[index * SLOTS + 2];
    }

    /** How long the value is, in bytes. */
    public int valueLength(int index) {
        return table[index * SLOTS + 3];
    }

    /** Which known field it is, or {@link KnownField#OTHER}. */
    public KnownField known(int index) {
        return KnownField.at(knownId(index));
    }

    int knownId(int index) {
        return table[index * SLOTS + 1] >>> KNOWN_SHIFT & KNOWN_MASK;
    }

    /** Whether this gateway put it there, rather than the peer. */
    public boolean isEdited(int index) {
        return (table[index * SLOTS + 1] & EDITED) != 0;
    }

    /** The name as a text; allocates. */
    public String name(int index) {
        return text(nameOffset(index), nameLength(index));
    }

    /** The value as a text, one character for each byte; allocates. */
    public String value(int index) {
        return text(valueOffset(index), valueLength(index));
    }

    private String text(int offset, int length) {
        return new String(region.array(), offset, length, StandardCharsets.ISO_8859_1);
    }

    /** The index of the first such field, or -1. */
    public int find(KnownField field) {
        return (present & field.bit()) == 0 ? -1 : find(field, 0);
    }

    /** The index of the first such field at {@code from} or after it, or -1. */
    public int find(KnownField field, int from) {
        int id = field.id();
        for (int i = from; i < count; i++) {
            if (knownId(i) == id) {
                return i;
            }
        }
        return -1;
    }

    /**
     * The index of the first field of that name, or -1.
     *
     * @param lowerName the name in lower case
     */
    public int find(String lowerName) {
        return find(lowerName, 0);
    }

    /**
     * The index of the first field of that name at {@code from} or after it, or -1.
     *
     * @param lowerName in lower case
     */
    public int find(String lowerName, int from) {
        int wanted = lowerName.length();
        byte[] bytes = region.array();
        for (int i = from; i < count; i++) {
            if (nameLength(i) == wanted && Octets.equalsIgnoreCase(bytes, nameOffset(i), wanted, lowerName)) {
                return i;
            }
        }
        return -1;
    }

    /**
     * Whether a value is that text, letters compared without case.
     *
     * @param lowerText in lower case
     */
    public boolean valueEqualsIgnoreCase(int index, String lowerText) {
        return Octets.equalsIgnoreCase(region.array(), valueOffset(index), valueLength(index), lowerText);
    }

    /**
     * Whether a name begins so, letters compared without case.
     *
     * @param lowerPrefix in lower case
     */
    public boolean nameStartsWith(int index, String lowerPrefix) {
        return Octets.startsWithIgnoreCase(region.array(), nameOffset(index), nameLength(index), lowerPrefix);
    }

    /**
     * Whether the comma-separated lists in all fields of that name have that element, letters compared without case.
     *
     * @param lower in lower case
     */
    public boolean hasElement(KnownField field, String lower) {
        return ListElements.has(this, field, lower);
    }

    /**
     * Whether a value begins with that text, letters compared without case.
     *
     * @param lowerText in lower case
     */
    public boolean valueStartsWithIgnoreCase(int index, String lowerText) {
        return Octets.startsWithIgnoreCase(region.array(), valueOffset(index), valueLength(index), lowerText);
    }

    /** Whether a value is exactly that text. */
    public boolean valueEquals(int index, String text) {
        int length = valueLength(index);
        if (length != text.length()) {
            return false;
        }
        byte[] bytes = region.array();
        int offset = valueOffset(index);
        for (int i = 0; i < length; i++) {
            if ((bytes[offset + i] & 0xff) != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Adds a field behind the others.
     *
     * @param value characters below 256, one byte each; white space around it is cut
     * @throws IllegalArgumentException if the name is no token, or the value holds a control character or one above 255
     * @throws IllegalStateException if the section is full: {@link #COUNT_MAX}, {@link #BYTES_MAX}
     */
    public void add(String name, String value) {
        checkName(name);
        checkValue(name, value);
        String trimmed = value.strip();
        ensureRoom(name.length() + trimmed.length());
        int nameOffset = region.length();
        region.append(name).append(trimmed);
        append(nameOffset, name.length(), nameOffset + name.length(), trimmed.length(), true);
    }

    /** Adds a field whose value is a number that is not negative. */
    public void add(String name, long value) {
        add(name, Long.toString(value));
    }

    /**
     * Adds a field whose value is a part of an array.
     *
     * @throws IllegalArgumentException if the name is no token, or the value holds a control octet
     * @throws IllegalStateException if the section is full
     */
    public void add(String name, byte[] source, int offset, int length) {
        checkName(name);
        for (int i = 0; i < length; i++) {
            if (isControl(source[offset + i] & 0xff)) {
                throw badValue(name, source[offset + i] & 0xff, i);
            }
        }
        ensureRoom(name.length() + length);
        int nameOffset = region.length();
        region.append(name).append(source, offset, length);
        append(nameOffset, name.length(), nameOffset + name.length(), length, true);
    }

    /** Removes all fields of that name, then adds one. Fails as {@link #add(String, String)} does, before it removes. */
    public void set(String name, String value) {
        checkName(name);
        checkValue(name, value);
        remove(name.toLowerCase(Locale.ROOT));
        add(name, value);
    }

    /**
     * Removes all fields of that name.
     *
     * @param lowerName in lower case.
     * @return how many there were
     */
    public int remove(String lowerName) {
        int before = count;
        for (int i = find(lowerName); i >= 0; i = find(lowerName, i)) {
            remove(i);
        }
        return before - count;
    }

    /** Removes one field; those behind it move up. */
    public void remove(int index) {
        int from = (index + 1) * SLOTS;
        System.arraycopy(table, from, table, index * SLOTS, count * SLOTS - from);
        count--;
    }

    /**
     * Removes every field of that name, and of each that differs from it in underscores for hyphens only, which many
     * programs see no difference in.
     *
     * @param lowerName in lower case
     */
    public void removeAlike(String lowerName) {
        int wanted = lowerName.length();
        for (int i = count - 1; i >= 0; i--) {
            if (nameLength(i) == wanted && Octets.equalsAlike(region.array(), nameOffset(i), wanted, lowerName)) {
                remove(i);
            }
        }
    }

    /** Removes all fields. The bytes stay. */
    public void removeAll() {
        count = 0;
        present = 0;
    }

    /** Makes this section hold copies of another's fields, all marked as that one marks them. */
    public void copyFrom(Fields other) {
        removeAll();
        byte[] source = other.region.array();
        for (int i = 0; i < other.count; i++) {
            int nameLength = other.nameLength(i);
            int valueLength = other.valueLength(i);
            ensureRoom(nameLength + valueLength);
            int nameOffset = region.length();
            region.append(source, other.nameOffset(i), nameLength).append(source, other.valueOffset(i), valueLength);
            append(nameOffset, nameLength, nameOffset + nameLength, valueLength, other.isEdited(i));
        }
    }

    /** Makes this section refer to the same fields as another, whose bytes stand in this one's region at the same place. */
    void takeTable(Fields other) {
        table = Arrays.copyOf(other.table, other.table.length);
        count = other.count;
        present = other.present;
    }

    /**
     * Notes a field whose checked name and value are in the region already.
     *
     * @return the id of the known field that it is
     */
    int append(int nameOffset, int nameLength, int valueOffset, int valueLength, boolean isEdited) {
        int at = count * SLOTS;
        if (at == table.length) {
            table = Arrays.copyOf(table, table.length * 2);
        }
        int known = FieldNames.idOf(region.array(), nameOffset, nameLength);
        table[at] = nameOffset;
        table[at + 1] = nameLength | known << KNOWN_SHIFT | (isEdited ? EDITED : 0);
        table[at + 2] = valueOffset;
        table[at + 3] = valueLength;
        count++;
        present |= 1L << known;
        return known;
    }

    boolean mayHave(KnownField field) {
        return (present & field.bit()) != 0;
    }

    /** Forgets the fields and gives an unusually large table back; the region is its owner's to clear. */
    void clear() {
        removeAll();
        if (table.length > RETAINED_FIELDS_MAX * SLOTS) {
            table = new int[INITIAL_FIELDS * SLOTS];
        }
    }

    /** Forgets the fields and their bytes: for a section with bytes of its own. */
    public void reset() {
        clear();
        region.clear();
    }

    private void ensureRoom(int bytes) {
        if (count >= COUNT_MAX) {
            throw new IllegalStateException("the head has " + count + " fields, and no more may be added");
        }
        if (bytes > BYTES_MAX - region.length()) {
            throw new IllegalStateException("the head has " + region.length() + " bytes, and " + bytes
                    + " more would pass the " + BYTES_MAX + " it may have");
        }
    }

    private static void checkName(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a field has an empty name; give it one, for example \"X-Env\"");
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c > 0x7f || !Octets.isToken((byte) c)) {
                throw new IllegalArgumentException("field name \"" + name + "\": character " + i
                        + " is not allowed in a name; letters, digits and !#$%&'*+-.^_`|~ are");
            }
        }
    }

    private static void checkValue(String name, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c > 0xff || isControl(c)) {
                throw badValue(name, c, i);
            }
        }
    }

    private static boolean isControl(int c) {
        return (c < 0x20 && c != '\t') || c == 0x7f;
    }

    private static IllegalArgumentException badValue(String name, int c, int at) {
        return new IllegalArgumentException("field \"" + name + "\": character " + at + " of the value is U+"
                + String.format(Locale.ROOT, "%04X", c) + ", which no field value may hold");
    }
}
