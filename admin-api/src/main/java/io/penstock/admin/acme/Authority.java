package io.penstock.admin.acme;

import io.penstock.config.CertificateAcmeConfig;

/** Who issues certificates: asked by orders, each on a thread that may wait. */
@FunctionalInterface
interface Authority {
    /**
     * Orders a certificate and waits for it.
     *
     * @param certificate its name here, under which proofs are shown
     * @throws OrderFailed if none is issued
     */
    Issued order(String certificate, CertificateAcmeConfig wanted, OrderAccount account)
            throws OrderFailed, InterruptedException;
}
