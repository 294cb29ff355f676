/** Runs scripts: one polyglot engine, a context for each worker and version, modules from memory. */
@NullMarked
package io.penstock.plugin.js;

import org.jspecify.annotations.NullMarked;
