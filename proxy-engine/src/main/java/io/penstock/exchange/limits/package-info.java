/** Rates, quotas, places and bandwidths as one request meets them: what its key is, what they say, what is told of it. */
@NullMarked
package io.penstock.exchange.limits;

import org.jspecify.annotations.NullMarked;
