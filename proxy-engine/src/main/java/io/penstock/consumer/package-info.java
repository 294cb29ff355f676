/** From what a request presents to who it is: keyed digests and the index of credentials by them. No sockets, no threads. */
@NullMarked
package io.penstock.consumer;

import org.jspecify.annotations.NullMarked;
