/** Where endpoints come from: the config itself, and DNS. */
@NullMarked
package io.penstock.discovery;

import org.jspecify.annotations.NullMarked;
