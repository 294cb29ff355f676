package io.penstock.http;

/** Takes the fields of a head that leaves in another form than HTTP/1's text. */
public interface FieldSink {
    /** A field whose value is a number that is not negative. */
    void number(KnownField field, long value);

    /** A field that is known by name. */
    void text(KnownField field, byte[] bytes, int offset, int length);

    /** Any field; the name's case is the sender's. */
    void field(byte[] bytes, int nameOffset, int nameLength, int valueOffset, int valueLength);
}
