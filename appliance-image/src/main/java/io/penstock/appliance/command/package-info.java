/** The penstock command, one class per subcommand. */
@NullMarked
package io.penstock.appliance.command;

import org.jspecify.annotations.NullMarked;
