package io.penstock.transport.tls;

/**
 * What an authority says of a certificate's state (OCSP, RFC 6960), shown with it.
 *
 * @param response as the authority signed it; empty for nothing; not to be written to
 * @param isFollowed whether it may be another later
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared; handed to the library as it is.
public record Staple(byte[] response, boolean isFollowed) {
    /** Nothing, now and later. */
    public static final Staple NONE = new Staple(new byte[0], false);
}
