package io.penstock.spi;

import org.jspecify.annotations.Nullable;

/** What a request says and what is known of it, for texts that hold values of it. */
public interface RequestValues {
    /** The request. */
    RequestView request();

    /** The route's name. */
    String route();

    /** The exchange's request id. */
    String requestId();

    /** Where the request came from. */
    ClientView client();

    /** Who the request comes from; null as long as nobody found out. */
    @Nullable
    Identity identity();
}
