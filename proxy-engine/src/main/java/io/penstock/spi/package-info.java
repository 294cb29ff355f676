/** What a filter must be and what it may ask; the only package that outsiders implement. */
@NullMarked
package io.penstock.spi;

import org.jspecify.annotations.NullMarked;
