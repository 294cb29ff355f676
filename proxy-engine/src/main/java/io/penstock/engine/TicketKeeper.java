package io.penstock.engine;

import io.penstock.transport.tls.TicketChain;
import io.penstock.transport.tls.TicketKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the keys of tickets follow the time, and keeps what they come of in a file that is its owner's alone, so that clients resume
 * after a restart as before. A file that will not do is replaced: all that is lost is that clients shake hands in full once.
 * Control thread only.
 */
final class TicketKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(TicketKeeper.class);
    private static final String FILE = "tickets.key";
    private static final String FORMAT = "penstock-tickets-1";
    private static final Set<PosixFilePermission> OWNERS =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    /** Ten days: a chain that slept longer begins anew. */
    private static final long STEPS_MAX = 30;

    private final Optional<Path> file;
    private final Clock clock;
    private final Consumer<List<TicketKey>> users;
    private TicketChain chain;

    /**
     * Reads the file, or begins a chain.
     *
     * @param folder where the file is kept; empty for keys that end with the process
     * @param users told of the keys, now and whenever they change
     */
    TicketKeeper(Optional<Path> folder, Clock clock, SecureRandom random, Consumer<List<TicketKey>> users) {
        this.file = folder.map(path -> path.resolve(FILE));
        this.clock = clock;
        this.users = users;
        this.chain = file.flatMap(path -> read(path, clock.millis())).orElseGet(() -> begun(clock, random));
        TicketChain present = chain.at(clock.millis());
        chain = present;
        file.ifPresent(path -> write(path, present));
        users.accept(present.keys());
    }

    private static TicketChain begun(Clock clock, SecureRandom random) {
        byte[] secret = new byte[TicketChain.SECRET_BYTES];
        random.nextBytes(secret);
        return TicketChain.beginning(clock.millis(), secret);
    }

    /** Changes the keys if it is time. */
    void follow() {
        TicketChain next = chain.at(clock.millis());
        if (next.period() != chain.period()) {
            chain = next;
            file.ifPresent(path -> write(path, next));
            users.accept(next.keys());
        }
    }

    private static Optional<TicketChain> read(Path path, long nowMs) {
        try {
            if (Files.notExists(path)) {
                return Optional.empty();
            }
            if (!OWNERS.containsAll(Files.getPosixFilePermissions(path))) {
                LOG.warn("{} could be read by others than its owner; the keys of tickets begin anew", path);
                return Optional.empty();
            }
            String[] words =
                    Files.readString(path, StandardCharsets.US_ASCII).strip().split(" ", -1);
            if (words.length == 3 && words[0].equals(FORMAT)) {
                TicketChain found =
                        new TicketChain(Long.parseLong(words[1]), HexFormat.of().parseHex(words[2]));
                long steps = found.stepsTo(nowMs);
                return steps >= -1 && steps <= STEPS_MAX ? Optional.of(found) : Optional.empty();
            }
            LOG.warn("{} holds no keys of tickets; they begin anew", path);
        } catch (IOException | IllegalArgumentException unreadable) {
            LOG.warn("{} cannot be read; the keys of tickets begin anew", path, unreadable);
        }
        return Optional.empty();
    }

    private static void write(Path path, TicketChain chain) {
        String text = FORMAT + " " + chain.period() + " " + HexFormat.of().formatHex(chain.secret()) + "\n";
        Path fresh = path.resolveSibling(FILE + ".new");
        try {
            Files.createDirectories(path.toAbsolutePath().getParent());
            Files.deleteIfExists(fresh);
            try (FileChannel channel = FileChannel.open(
                    fresh,
                    EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(OWNERS))) {
                channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
                channel.force(true);
            }
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failed) {
            LOG.warn("the keys of tickets cannot be written to {}; they end with this process", path, failed);
        }
    }
}
