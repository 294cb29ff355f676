/** The admin server, on virtual threads. */
@NullMarked
package io.penstock.admin;

import org.jspecify.annotations.NullMarked;
