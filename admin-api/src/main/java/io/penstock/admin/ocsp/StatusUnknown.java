package io.penstock.admin.ocsp;

/** Why nothing good is known of a certificate's state, in words for operators. */
final class StatusUnknown extends Exception {
    private static final long serialVersionUID = 1;

    private final boolean isRevoked;

    StatusUnknown(String message) {
        this(message, false);
    }

    /** @param isRevoked whether an authority says that the certificate is not good any more */
    StatusUnknown(String message, boolean isRevoked) {
        super(message);
        this.isRevoked = isRevoked;
    }

    StatusUnknown(String message, Throwable cause) {
        super(message, cause);
        this.isRevoked = false;
    }

    boolean isRevoked() {
        return isRevoked;
    }
}
