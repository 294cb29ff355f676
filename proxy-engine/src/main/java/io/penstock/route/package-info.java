/** The off-heap route table: layout, writer, lookup and explanation. */
@NullMarked
package io.penstock.route;

import org.jspecify.annotations.NullMarked;
