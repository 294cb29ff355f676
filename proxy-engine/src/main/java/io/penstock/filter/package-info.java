/** The built-in filters, which enter by the same door as plugins. */
@NullMarked
package io.penstock.filter;

import org.jspecify.annotations.NullMarked;
