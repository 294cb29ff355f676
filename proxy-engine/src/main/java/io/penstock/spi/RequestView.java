package io.penstock.spi;

import io.penstock.http.ByteBuilder;
import io.penstock.http.Fields;

/** A request as a filter sees and edits it: a view on the parsed head, which builds a string only when asked for one. */
public interface RequestView {
    /** The method's token. */
    String method();

    /** Path and query as the client wrote them. */
    default String target() {
        throw new UnsupportedOperationException("this view has no bytes");
    }

    /** The canonical path, percent-encoded as it goes upstream. */
    String path();

    /**
     * Replaces the path. It is normalised and checked again.
     *
     * @return false if it is no acceptable path; the old one stays then
     */
    boolean path(String path);

    /** What the route's template took for a name; empty if the template has no such name. */
    String parameter(String name);

    /** The query without its question mark, empty if there is none. */
    String query();

    /**
     * Appends the decoded value of the first query parameter of a name.
     *
     * @return how many parameters have the name
     */
    default int queryParameter(String name, ByteBuilder into) {
        throw new UnsupportedOperationException("this view has no bytes");
    }

    /** Takes all query parameters of a name out of the request, also out of what is logged of it. */
    default void removeQueryParameter(String name) {
        throw new UnsupportedOperationException("this view has no bytes");
    }

    /**
     * Replaces the query.
     *
     * @param query without its question mark, encoded; empty for none
     * @return false if it is no acceptable query; the old one stays then
     */
    default boolean query(String query) {
        return false;
    }

    /** The host the request is for, lower case, without a port. */
    String host();

    /** The same with the port, where the client named one. */
    default String authority() {
        return host();
    }

    /**
     * Sets the value of {@code Host} that goes upstream.
     *
     * @return false if it is no acceptable host; the old one stays then
     */
    boolean hostHeader(String value);

    /** The header fields. Edits go upstream. */
    Fields fields();
}
