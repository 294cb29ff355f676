/** The key-value store of plugins. */
@NullMarked
package io.penstock.plugin.kv;

import org.jspecify.annotations.NullMarked;
