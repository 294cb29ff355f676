package io.penstock.admin.acme;

import io.penstock.config.SecretValue;

/**
 * What an order has come to.
 *
 * @param chain in PEM, the server's own certificate first
 * @param key in PEM
 */
record Issued(String chain, SecretValue.Given key) {}
