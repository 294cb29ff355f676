/** How processes of this machine speak with a gateway that runs: a unix socket in its data folder. */
@NullMarked
package io.penstock.appliance.control;

import org.jspecify.annotations.NullMarked;
