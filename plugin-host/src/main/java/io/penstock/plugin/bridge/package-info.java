/** What a script can see of the gateway; everything it writes is checked here. */
@NullMarked
package io.penstock.plugin.bridge;

import org.jspecify.annotations.NullMarked;
