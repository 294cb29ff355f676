package io.penstock.perf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What shares memory without a lock is raced here, or docs/THREADING.md says why not. */
final class LockFreeClassesTest {
    private static final Path TREE = Path.of("../..");
    private static final Pattern TEXTS = Pattern.compile("/\\*.*?\\*/|//[^\n]*|\"[^\"\n]*\"", Pattern.DOTALL);
    private static final Pattern LOCK_FREE = Pattern.compile(
            "\\bvolatile\\b"
                    + "|\\bAtomic(Long|Integer|Boolean|Reference|Buffer)|\\bLongAdder\\b"
                    + "|\\bfindVarHandle\\b|\\barrayElementVarHandle\\b"
                    + "|ConcurrentArrayQueue|ConcurrentLinkedQueue|\\bRingBuffer<|SingleProducerSequencer|SingleWriterRecorder");

    @Test
    void everyLockFreeClassIsRacedOrSaysWhyNot() throws IOException {
        Set<String> answeredFor = raced();
        answeredFor.addAll(explained());

        assertThat(answeredFor).containsAll(lockFree());
    }

    @Test
    void nothingIsExplainedThatIsRacedOrNotThere() throws IOException {
        assertThat(explained()).isSubsetOf(lockFree()).doesNotContainAnyElementsOf(raced());
    }

    @Test
    void everyStressTestIsNamedAfterAClassOfItsPackage() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            assertThat(files.filter(file -> file.toString().endsWith("Stress.java")))
                    .isNotEmpty()
                    .allSatisfy(file -> assertThat(Stream.of("proxy-engine", "plugin-host")
                                    .map(TREE::resolve)
                                    .map(module ->
                                            module.resolve(file.toString().replace("Stress.java", ".java"))))
                            .anyMatch(Files::exists));
        }
    }

    private static Set<String> lockFree() throws IOException {
        Set<String> names = new TreeSet<>();
        for (String module : Set.of("proxy-engine", "plugin-host", "admin-api", "appliance-image")) {
            try (Stream<Path> files = Files.walk(TREE.resolve(module).resolve("src/main/java"))) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .filter(file -> LOCK_FREE.matcher(code(file)).find())
                        .forEach(file -> names.add(nameOf(file)));
            }
        }
        return names;
    }

    private static String code(Path file) {
        try {
            return TEXTS.matcher(Files.readString(file)).replaceAll(" ");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> raced() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            return files.map(LockFreeClassesTest::nameOf)
                    .filter(name -> name.endsWith("Stress"))
                    .map(name -> name.substring(0, name.length() - "Stress".length()))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static Set<String> explained() throws IOException {
        String page = Files.readString(TREE.resolve("docs/THREADING.md"));
        String rows = page.substring(page.indexOf("## Races tried"));
        return Pattern.compile("(?m)^\\| `.*?` \\|")
                .matcher(rows)
                .results()
                .flatMap(row -> Pattern.compile("\\w+").matcher(row.group()).results())
                .map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String nameOf(Path file) {
        return file.getFileName().toString().replace(".java", "");
    }
}
