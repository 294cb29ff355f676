package io.penstock.admin.machine;

import io.penstock.config.Default;
import io.penstock.config.Doc;

/** The menu on the machine's own console. */
@Doc("The menu on the machine's own console.")
public record SystemConsole(
        @Doc("Whether it offers a shell.") @Default("false") boolean shell,

        @Doc("Whether the setup token is shown on a serial line, which others may read in a cloud.") @Default("false")
        boolean serialToken) {}
