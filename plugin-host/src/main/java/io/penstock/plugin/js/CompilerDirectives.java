package io.penstock.plugin.js;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.management.JMException;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the JVM's second compiler from the code of the script compiler, which is Java too. It is large, busy for seconds after
 * a plugin was loaded and idle ever after: optimising it takes the cores, and the place in the queue, from the scripts and from
 * the request path. With one core for all, a gateway with a plugin served 1.6 and 2.4 times as many requests in its first 25
 * seconds without it.
 *
 * <p>Directives can be given on the command line too, but then the JVM says so on standard output.
 */
final class CompilerDirectives {
    /** The system property that names the file, in the JVM's form (JEP 165). */
    static final String PROPERTY = "penstock.compiler.directives";

    private static final Logger LOG = LoggerFactory.getLogger(CompilerDirectives.class);

    private CompilerDirectives() {}

    /** Gives the JVM the directives of the file that the system property names, if it does; whether they were taken. */
    static boolean apply() {
        String file = System.getProperty(PROPERTY, "");
        if (file.isEmpty()) {
            return false;
        }
        if (!Files.isReadable(Path.of(file))) {
            LOG.warn("{} names {}, which cannot be read: scripts will take longer to become fast", PROPERTY, file);
            return false;
        }
        try {
            Object said = ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "compilerDirectivesAdd",
                            new Object[] {new String[] {file}},
                            new String[] {String[].class.getName()});
            boolean isTaken = String.valueOf(said).contains("directives added");
            if (!isTaken) {
                LOG.warn("the JVM refused the directives of {}: {}", file, said);
            }
            return isTaken;
        } catch (JMException | RuntimeException unknown) {
            LOG.warn("this JVM takes no compiler directives, so that scripts will take longer to become fast", unknown);
            return false;
        }
    }
}
