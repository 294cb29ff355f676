/** What scripts may reach. */
@NullMarked
package io.penstock.plugin.bridge;

import org.jspecify.annotations.NullMarked;
