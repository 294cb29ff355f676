package io.penstock.admin.revision;

/**
 * The outcome of an edit that made no revision.
 *
 * @param rests whether it was judged on edits that are not stored yet
 */
record EditVerdict(Waiting.ForEdit waiting, EditResult result, boolean rests) {

    EditVerdict with(EditResult other) {
        return new EditVerdict(waiting, other, rests);
    }
}
