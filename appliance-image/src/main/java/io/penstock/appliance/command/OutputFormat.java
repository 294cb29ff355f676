package io.penstock.appliance.command;

/** How a command writes its result. */
enum OutputFormat {
    /** For people. */
    text,
    /** For programs: the admin API's own JSON. */
    json
}
