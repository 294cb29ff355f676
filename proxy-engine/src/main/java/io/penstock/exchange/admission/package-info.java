/** Who may come in when an upstream is full: places, queues by class, and how workers take turns. */
@NullMarked
package io.penstock.exchange.admission;

import org.jspecify.annotations.NullMarked;
