package io.penstock.transport.tls;

/**
 * A key that tickets are encrypted with (RFC 5077).
 *
 * @param name 16 bytes by which it is told from others
 * @param hmac 16 bytes
 * @param aes 16 bytes
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared, and never shown.
public record TicketKey(byte[] name, byte[] hmac, byte[] aes) {
    @Override
    public String toString() {
        return "TicketKey";
    }
}
