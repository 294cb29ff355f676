/** Who may administer: tokens, roles, the setup token, and the bound on failed attempts. */
@NullMarked
package io.penstock.admin.access;

import org.jspecify.annotations.NullMarked;
