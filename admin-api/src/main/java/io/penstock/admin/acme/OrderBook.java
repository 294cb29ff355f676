package io.penstock.admin.acme;

import io.penstock.config.CertificateAcmeConfig;
import io.penstock.config.ProxyConfig;

/** Where it stands what is to be ordered, and where it is written what was issued. */
interface OrderBook {
    /** What is wanted now. */
    ProxyConfig config();

    /** What became of what was written. */
    enum Entry {
        /** It is stored, and on its way to the workers; or nobody wants it any more. */
        WRITTEN,
        /** No revision can be made now: it is to be tried again. */
        LATER
    }

    /**
     * Writes the pair of a certificate that is still wanted so.
     *
     * @throws OrderFailed if it will not do
     */
    Entry write(String name, CertificateAcmeConfig wanted, Issued issued) throws OrderFailed, InterruptedException;
}
