/** What is known of one request before anybody judges it: where it came from, its id, what filters noted of it. */
@NullMarked
package io.penstock.exchange.facts;

import org.jspecify.annotations.NullMarked;
