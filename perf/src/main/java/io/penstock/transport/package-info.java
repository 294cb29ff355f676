/** What a byte costs on its way through channels, with nothing parsed. */
@NullMarked
package io.penstock.transport;

import org.jspecify.annotations.NullMarked;
