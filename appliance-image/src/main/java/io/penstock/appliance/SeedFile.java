package io.penstock.appliance;

import io.penstock.admin.store.DataFolder;
import io.penstock.engine.KeySeed;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The seed of this instance in its data folder, as one line that only its owner may read: cookies stay good over a restart.
 * Several gateways before the same targets understand each other's cookies if they have the same file.
 */
final class SeedFile {
    static final String NAME = "instance.seed";
    private static final int HALF_DIGITS = 16;

    private SeedFile() {}

    /** Reads it; makes a new one where there is none, or none that can be read. */
    static KeySeed open(DataFolder folder, SecureRandom random) {
        Optional<KeySeed> known = folder.readSecret(NAME).map(String::strip).flatMap(SeedFile::parsed);
        if (known.isPresent()) {
            return known.get();
        }
        KeySeed seed = KeySeed.random(random);
        HexFormat hex = HexFormat.of();
        folder.writeSecret(NAME, hex.toHexDigits(seed.high()) + hex.toHexDigits(seed.low()) + "\n");
        return seed;
    }

    private static Optional<KeySeed> parsed(String text) {
        if (text.length() != 2 * HALF_DIGITS || !text.chars().allMatch(HexFormat::isHexDigit)) {
            return Optional.empty();
        }
        return Optional.of(new KeySeed(
                HexFormat.fromHexDigitsToLong(text, 0, HALF_DIGITS),
                HexFormat.fromHexDigitsToLong(text, HALF_DIGITS, 2 * HALF_DIGITS)));
    }
}
