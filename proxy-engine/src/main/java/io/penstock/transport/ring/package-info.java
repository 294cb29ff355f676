/** The kernel's io_uring, told and asked through the foreign function API: a ring of operations, the loop over it, its sockets. */
@NullMarked
package io.penstock.transport.ring;

import org.jspecify.annotations.NullMarked;
