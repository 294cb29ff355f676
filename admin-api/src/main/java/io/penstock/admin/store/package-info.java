/** The durable home of revisions, audit lines and tokens. */
@NullMarked
package io.penstock.admin.store;

import org.jspecify.annotations.NullMarked;
