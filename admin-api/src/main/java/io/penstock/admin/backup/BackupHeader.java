package io.penstock.admin.backup;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What stands in clear text before a backup's sealed content: two lines, a mark with the format's number, and JSON. Every
 * chunk behind it is bound to it, so that none of it can be changed unnoticed.
 *
 * @param madeBy the version of the program
 * @param time when it was made
 * @param revision the newest revision in it
 * @param rounds of PBKDF2-HMAC-SHA512 that make the key of the passphrase
 * @param salt of the same, in base64
 * @param nonce the first seven bytes of each chunk's nonce, in base64
 */
public record BackupHeader(String madeBy, Instant time, long revision, int rounds, String salt, String nonce) {
    /** The one format that this version writes, and the newest that it reads. */
    static final int FORMAT = 1;

    /** Thrice what OWASP advises: half a second for who knows the passphrase, and for each guess of who does not. */
    static final int ROUNDS = 600_000;

    static final int ROUNDS_MIN = 100_000;
    private static final int ROUNDS_MAX = 20_000_000;
    static final int SALT_BYTES = 16;
    static final int NONCE_BYTES = 7;
    private static final String MARK = "penstock-backup ";
    private static final int LINE_BYTES_MAX = 4096;

    static BackupHeader fresh(String madeBy, Instant time, long revision, int rounds, SecureRandom random) {
        return new BackupHeader(
                madeBy, time, revision, rounds, base64(random, SALT_BYTES), base64(random, NONCE_BYTES));
    }

    private static String base64(SecureRandom random, int bytes) {
        byte[] made = new byte[bytes];
        random.nextBytes(made);
        return Base64.getEncoder().encodeToString(made);
    }

    byte[] saltBytes() {
        return Base64.getDecoder().decode(salt);
    }

    byte[] nonceBytes() {
        return Base64.getDecoder().decode(nonce);
    }

    /** The two lines. */
    byte[] bytes() {
        ObjectNode json = JsonMapper.shared().createObjectNode();
        json.put("madeBy", madeBy)
                .put("time", time.toString())
                .put("revision", revision)
                .put("cipher", "aes-256-gcm, chunks of " + SealedChunks.CHUNK_BYTES)
                .put("kdf", "pbkdf2-hmac-sha512")
                .put("rounds", rounds)
                .put("salt", salt)
                .put("nonce", nonce);
        return (MARK + FORMAT + "\n" + json + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Reads the two lines and not a byte more. */
    static BackupHeader read(InputStream in) throws IOException, BackupRefused {
        String mark = line(in);
        if (!mark.startsWith(MARK) || !mark.substring(MARK.length()).matches("[0-9]{1,9}")) {
            throw new BackupRefused("this file is no backup of a gateway: its first line is not \"" + MARK + FORMAT
                    + "\". Take one that \"penstock backup\" made.");
        }
        int format = Integer.parseInt(mark.substring(MARK.length()));
        String json = line(in);
        if (format != FORMAT) {
            throw new BackupRefused("this backup has format " + format + ", and this version reads " + FORMAT
                    + ". Restore it with the version that made it, or a later one (its header says: " + json + ").");
        }
        try {
            JsonNode found = JsonMapper.shared().readTree(json);
            BackupHeader header = new BackupHeader(
                    found.path("madeBy").asString(""),
                    Instant.parse(found.path("time").asString("")),
                    found.path("revision").asLong(-1),
                    found.path("rounds").asInt(-1),
                    found.path("salt").asString(""),
                    found.path("nonce").asString(""));
            // The content is bound to the lines as they are made: whatever else they may say was put in by someone.
            if (new String(header.bytes(), StandardCharsets.UTF_8).equals(mark + "\n" + json + "\n")
                    && header.rounds >= ROUNDS_MIN
                    && header.rounds <= ROUNDS_MAX
                    && header.saltBytes().length == SALT_BYTES
                    && header.nonceBytes().length == NONCE_BYTES) {
                return header;
            }
        } catch (JacksonException | DateTimeException | IllegalArgumentException damaged) {
            throw new BackupRefused("the header of this backup is damaged: " + damaged.getMessage(), damaged);
        }
        throw new BackupRefused("the header of this backup is damaged: it is not as it was written");
    }

    private static String line(InputStream in) throws IOException, BackupRefused {
        byte[] bytes = new byte[LINE_BYTES_MAX];
        int length = 0;
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0 || length == LINE_BYTES_MAX) {
                throw new BackupRefused("this file is no backup of a gateway, or only the beginning of one");
            }
            bytes[length++] = (byte) next;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
