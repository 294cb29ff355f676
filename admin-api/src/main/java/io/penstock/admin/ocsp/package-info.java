/** What authorities say of the state of certificates (OCSP, RFC 6960), asked beside the workers and stapled by them. */
@NullMarked
package io.penstock.admin.ocsp;

import org.jspecify.annotations.NullMarked;
