/** Certificates that authorities issue by themselves (ACME, RFC 8555): accounts, orders, proofs, and when to renew. */
@NullMarked
package io.penstock.admin.acme;

import org.jspecify.annotations.NullMarked;
