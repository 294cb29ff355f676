/** What plugins keep: one file for all of them, one thread that owns it, and what each worker remembers of it. */
@NullMarked
package io.penstock.plugin.kv;

import org.jspecify.annotations.NullMarked;
