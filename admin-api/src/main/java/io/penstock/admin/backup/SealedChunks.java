package io.penstock.admin.backup;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals a stream chunk by chunk with AES-256-GCM, so that none can be changed, left out, moved or added, and the end cannot be
 * cut off: the nonce holds the chunk's number and whether it is the last one (the STREAM construction of Hoang, Reyhanitabar,
 * Rogaway and Vizár, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015). One thread.
 */
final class SealedChunks {
    static final int CHUNK_BYTES = 64 * 1024;
    static final int TAG_BYTES = 16;
    private static final int TAG_BITS = 128;
    private static final int KEY_BITS = 256;

    private final SecretKey key;
    private final byte[] prefix;
    private final byte[] header;
    private int count;

    SealedChunks(BackupHeader header, char[] passphrase) {
        this.key = key(header, passphrase);
        this.prefix = header.nonceBytes();
        this.header = header.bytes();
    }

    private static SecretKey key(BackupHeader header, char[] passphrase) {
        PBEKeySpec spec = new PBEKeySpec(passphrase, header.saltBytes(), header.rounds(), KEY_BITS);
        try {
            byte[] bytes = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512")
                    .generateSecret(spec)
                    .getEncoded();
            SecretKey made = new SecretKeySpec(bytes, "AES");
            Arrays.fill(bytes, (byte) 0);
            return made;
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this Java platform must have PBKDF2WithHmacSHA512", missing);
        } finally {
            spec.clearPassword();
        }
    }

    /** The next chunk, sealed. */
    byte[] seal(byte[] plain, int length, boolean isLast) {
        try {
            return cipher(Cipher.ENCRYPT_MODE, isLast).doFinal(plain, 0, length);
        } catch (GeneralSecurityException failed) {
            throw new IllegalStateException("AES-256-GCM does not seal", failed);
        }
    }

    /**
     * The next chunk, opened.
     *
     * @throws BackupRefused if it is not the one that was sealed as this one
     */
    byte[] open(byte[] sealed, int length, boolean isLast) throws BackupRefused {
        int number = count;
        if (number == 0 && length <= TAG_BYTES) {
            // Too little to be told from another passphrase by opening it, and too little for any backup.
            throw new BackupRefused("this backup is cut off: " + length
                    + " bytes are behind its header, which hold none of its content. Take another copy of it.");
        }
        try {
            return cipher(Cipher.DECRYPT_MODE, isLast).doFinal(sealed, 0, length);
        } catch (AEADBadTagException changed) {
            throw new BackupRefused(
                    number == 0
                            ? "the passphrase is not the one that this backup was made with, or the file was changed or cut off in its first "
                                    + CHUNK_BYTES + " bytes."
                            : "this backup is damaged or cut off, at chunk " + number + " of its content (behind "
                                    + (long) number * CHUNK_BYTES + " bytes). Take another copy of it.",
                    changed);
        } catch (GeneralSecurityException failed) {
            throw new BackupRefused("this backup is damaged or cut off. Take another copy of it.", failed);
        }
    }

    private Cipher cipher(int mode, boolean isLast) throws GeneralSecurityException {
        byte[] nonce = ByteBuffer.allocate(BackupHeader.NONCE_BYTES + Integer.BYTES + 1)
                .put(prefix)
                .putInt(count++)
                .put((byte) (isLast ? 1 : 0))
                .array();
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(header);
        return cipher;
    }
}
