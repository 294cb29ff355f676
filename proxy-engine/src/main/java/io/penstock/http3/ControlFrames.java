package io.penstock.http3;

import io.penstock.mark.WorkerConfined;
import org.jspecify.annotations.Nullable;

/**
 * What a client's control frames say, octet by octet, RFC 9114 section 7.2: little that is of use to a server that pushes nothing and
 * keeps no table, but all of it has rules.
 */
@WorkerConfined
public final class ControlFrames {
    /** Of HTTP/2, and in HTTP/3 an error, RFC 9114 section 7.2.4.1. */
    private static final long FORBIDDEN_SETTINGS_FROM = 0x02;

    private static final long FORBIDDEN_SETTINGS_TO = 0x05;

    /** Settings below this are told apart when they come twice: all that anybody has defined. */
    private static final int SETTINGS_KNOWN = 64;

    private final NumberReader number = new NumberReader();
    private long type;
    private int numbers;
    private long setting;
    private long settingsSeen;
    private long pushMax = -1;
    private long goneFrom = Long.MAX_VALUE;

    /** A frame begins. */
    public void begin(long frameType) {
        type = frameType;
        numbers = 0;
        number.clear();
    }

    /** Takes an octet of it. @return what is wrong; null where nothing is */
    public @Nullable Http3Error take(byte octet) {
        if (!hasNumbers()) {
            return null;
        }
        if (type != FrameTypes.SETTINGS && numbers == 1) {
            return Http3Error.FRAME_ERROR;
        }
        if (!number.take(octet)) {
            return null;
        }
        long value = number.value();
        number.clear();
        numbers++;
        return type == FrameTypes.SETTINGS ? setting(value) : id(value);
    }

    /** It is at its end. @return what is wrong; null where nothing is */
    public @Nullable Http3Error end() {
        if (!hasNumbers()) {
            return null;
        }
        boolean isWhole = number.isEmpty() && (type == FrameTypes.SETTINGS ? (numbers & 1) == 0 : numbers == 1);
        return isWhole ? null : Http3Error.FRAME_ERROR;
    }

    private boolean hasNumbers() {
        return type == FrameTypes.SETTINGS
                || type == FrameTypes.GOAWAY
                || type == FrameTypes.MAX_PUSH_ID
                || type == FrameTypes.CANCEL_PUSH;
    }

    private @Nullable Http3Error setting(long value) {
        if ((numbers & 1) == 0) {
            // What it is set to: the flags of RFC 9220 and RFC 9297 are 0 or 1.
            boolean isFlag = setting == 0x08 || setting == 0x33;
            return isFlag && value > 1 ? Http3Error.SETTINGS_ERROR : null;
        }
        setting = value;
        if (value >= FORBIDDEN_SETTINGS_FROM && value <= FORBIDDEN_SETTINGS_TO) {
            return Http3Error.SETTINGS_ERROR;
        }
        if (value < SETTINGS_KNOWN) {
            long bit = 1L << value;
            if ((settingsSeen & bit) != 0) {
                return Http3Error.SETTINGS_ERROR;
            }
            settingsSeen |= bit;
        }
        return null;
    }

    private @Nullable Http3Error id(long value) {
        boolean isWrong;
        if (type == FrameTypes.MAX_PUSH_ID) {
            isWrong = value < pushMax;
            pushMax = value;
        } else if (type == FrameTypes.GOAWAY) {
            isWrong = value > goneFrom;
            goneFrom = value;
        } else {
            // Nothing was ever promised that could be cancelled.
            isWrong = true;
        }
        return isWrong ? Http3Error.ID_ERROR : null;
    }
}
