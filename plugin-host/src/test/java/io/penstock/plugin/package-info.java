/** Plugins in their real contexts, between a fake worker and fake exchanges. */
@NullMarked
package io.penstock.plugin;

import org.jspecify.annotations.NullMarked;
