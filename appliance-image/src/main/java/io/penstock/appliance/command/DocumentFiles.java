package io.penstock.appliance.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Parameters;

/** The documents that a command takes. */
final class DocumentFiles {
    @Parameters(
            paramLabel = "FILE",
            arity = "1..*",
            description = {
                "A declarative document in YAML or JSON; - reads standard input. Several are laid over one another by"
                        + " name, the last one wins.",
                "{file: p} and {env: V} in it are read here, beside the document."
            })
    private List<Path> files = new ArrayList<>();

    SentDocument read() {
        return SentDocument.read(files, System.getenv());
    }
}
