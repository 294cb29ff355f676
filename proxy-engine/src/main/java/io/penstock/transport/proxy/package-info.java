/** The PROXY protocol, versions 1 and 2: what a proxy before us says of the connection that it forwards, and what we say. */
@NullMarked
package io.penstock.transport.proxy;

import org.jspecify.annotations.NullMarked;
