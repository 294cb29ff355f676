/** Edits made into the next revision, and revisions compared. */
@NullMarked
package io.penstock.admin.revision;

import org.jspecify.annotations.NullMarked;
