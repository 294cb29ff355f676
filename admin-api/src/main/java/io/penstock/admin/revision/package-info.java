/** The single door for changes: edits checked, prepared, stored and published as revisions. */
@NullMarked
package io.penstock.admin.revision;

import org.jspecify.annotations.NullMarked;
