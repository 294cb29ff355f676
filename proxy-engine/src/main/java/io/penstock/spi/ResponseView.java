package io.penstock.spi;

import io.penstock.http.Fields;

/** A response's head as a filter sees and edits it. */
public interface ResponseView {
    /** The status, 200 to 599. */
    int status();

    /** Whether an upstream gave it, rather than the gateway, a route or a filter. */
    boolean isFromUpstream();

    /** Changes the status. */
    void status(int status);

    /** The header fields. Edits go to the client. Ask again after a suspension or a replaced body: they have moved then. */
    Fields fields();
}
