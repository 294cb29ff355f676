package io.penstock.coding;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The codings that this gateway can undo and do. The libraries of two of them are loaded with this class, whose first use
 * therefore belongs on a thread that may read files.
 */
public enum ContentCoding {
    /** RFC 1952. */
    GZIP("gzip", true) {
        @Override
        Decoder newDecoder() {
            return new GzipDecoder();
        }

        @Override
        public Encoder newEncoder(int effort) {
            return new DeflateEncoder(true, effort);
        }
    },
    /** The zlib format of RFC 1950; bare deflate data (RFC 1951) is understood too, since servers have sent it for long. */
    DEFLATE("deflate", true) {
        @Override
        Decoder newDecoder() {
            return new ZlibDecoder();
        }

        @Override
        public Encoder newEncoder(int effort) {
            return new DeflateEncoder(false, effort);
        }
    },
    /** RFC 7932. */
    BROTLI("br", NativeLibraries.hasBrotli()) {
        @Override
        Decoder newDecoder() {
            return new BrotliDecoder();
        }

        @Override
        public Encoder newEncoder(int effort) {
            return new BrotliEncoder(effort);
        }
    },
    /** RFC 8878, with the window of RFC 9659. */
    ZSTD("zstd", NativeLibraries.hasZstd()) {
        @Override
        Decoder newDecoder() {
            return new ZstdDecoder();
        }

        @Override
        public Encoder newEncoder(int effort) {
            return new ZstdEncoder(effort);
        }
    };

    /** As little processor time as there is. */
    public static final int FAST = 0;

    /** What most gain with. */
    public static final int BALANCED = 1;

    /** More than most gain with. */
    public static final int SMALL = 2;

    private static final List<ContentCoding> ALL = List.of(values());

    private final String token;
    private final boolean isAvailable;

    ContentCoding(String token, boolean isAvailable) {
        this.token = token;
        this.isAvailable = isAvailable;
    }

    /** What {@code Content-Encoding} says. */
    public String token() {
        return token;
    }

    abstract Decoder newDecoder();

    /** Begins to code a body at the effort that most gain with. */
    public Encoder newEncoder() {
        return newEncoder(BALANCED);
    }

    /** Begins to code a body, with {@link #FAST}, {@link #BALANCED} or {@link #SMALL}. */
    public abstract Encoder newEncoder(int effort);

    /**
     * The coding that a value of {@code Content-Encoding} names.
     *
     * @return null for none, for several in a row, and for what is unknown here
     */
    public static @Nullable ContentCoding of(String contentEncoding) {
        String name = contentEncoding.strip().toLowerCase(Locale.ROOT);
        for (ContentCoding coding : ALL) {
            if (coding.token.equals(name) || (coding == GZIP && name.equals("x-gzip"))) {
                return coding.isAvailable ? coding : null;
            }
        }
        return null;
    }

    /** Whether a body under that value of {@code Content-Encoding} is coded at all. */
    public static boolean isCoded(String contentEncoding) {
        String name = contentEncoding.strip();
        return !name.isEmpty() && !name.equalsIgnoreCase("identity");
    }

    /**
     * What is left of a value of {@code Accept-Encoding} (RFC 9110 section 12.5.3) when only codings that are known here
     * may be asked for; {@code identity} if none is left.
     */
    public static String acceptable(String acceptEncoding) {
        StringBuilder left = new StringBuilder(acceptEncoding.length());
        for (String element : acceptEncoding.split(",", -1)) {
            String range = element.strip();
            int end = range.indexOf(';');
            String name = (end < 0 ? range : range.substring(0, end)).strip();
            if (of(name) != null || name.equalsIgnoreCase("identity")) {
                left.append(left.isEmpty() ? "" : ", ").append(range);
            }
        }
        return left.isEmpty() ? "identity" : left.toString();
    }
}
