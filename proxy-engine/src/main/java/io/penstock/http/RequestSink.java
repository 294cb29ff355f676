package io.penstock.http;

/** Takes a request's head that leaves in another form than HTTP/1's text. Its authority comes as the field Host. */
public interface RequestSink extends FieldSink {
    /** The method's token. */
    void method(byte[] bytes, int offset, int length);

    /** Path and query, or an asterisk. */
    void target(byte[] bytes, int offset, int length);
}
