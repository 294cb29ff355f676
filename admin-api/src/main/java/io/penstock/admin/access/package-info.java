/** Who may do what: tokens, networks and grants. */
@NullMarked
package io.penstock.admin.access;

import org.jspecify.annotations.NullMarked;
