/** One file with everything that a gateway has to remember, sealed by a passphrase; and how a data folder comes of it again. */
@NullMarked
package io.penstock.admin.backup;

import org.jspecify.annotations.NullMarked;
