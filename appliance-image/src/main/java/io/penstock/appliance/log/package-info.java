/** The application log: what is wrong, on standard error; the access log is the engine's. */
@NullMarked
package io.penstock.appliance.log;

import org.jspecify.annotations.NullMarked;
