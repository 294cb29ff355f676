/** The content codings of bodies (RFC 9110 section 8.4.1): gzip, deflate, br and zstd, undone and done part by part. */
@NullMarked
package io.penstock.coding;

import org.jspecify.annotations.NullMarked;
