package io.penstock.http3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a client may say on its control stream, and on those of field compression. */
final class ControlFramesTest {
    private final ControlFrames frames = new ControlFrames();

    private @Nullable Http3Error frame(long type, String payload) {
        frames.begin(type);
        for (byte octet : HexFormat.of().parseHex(payload)) {
            Http3Error wrong = frames.take(octet);
            if (wrong != null) {
                return wrong;
            }
        }
        return frames.end();
    }

    @ParameterizedTest
    @CsvSource({
        // None; both tables' bounds, 0 and 100; a kind that nobody knows, twice; flags.
        "''",
        "01000700",
        "0140640710",
        "40800040800140800240800340800440800540800640800740800840800940800a40800b",
        "08013301",
    })
    void takesSettings(String payload) {
        assertThat(frame(FrameTypes.SETTINGS, payload)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "01, FRAME_ERROR",
        "0140, FRAME_ERROR",
        "010007, FRAME_ERROR",
        "0200, SETTINGS_ERROR",
        "0500, SETTINGS_ERROR",
        "01000100, SETTINGS_ERROR",
        "0802, SETTINGS_ERROR",
        "3302, SETTINGS_ERROR",
    })
    void refusesSettings(String payload, Http3Error error) {
        assertThat(frame(FrameTypes.SETTINGS, payload)).isEqualTo(error);
    }

    @Test
    void boundsOfPushesOnlyGrow() {
        assertThat(frame(FrameTypes.MAX_PUSH_ID, "05")).isNull();
        assertThat(frame(FrameTypes.MAX_PUSH_ID, "05")).isNull();
        assertThat(frame(FrameTypes.MAX_PUSH_ID, "4100")).isNull();
        assertThat(frame(FrameTypes.MAX_PUSH_ID, "06")).isEqualTo(Http3Error.ID_ERROR);
    }

    @Test
    void goodbyesOnlyComeNearer() {
        assertThat(frame(FrameTypes.GOAWAY, "ffffffffffffffff")).isNull();
        assertThat(frame(FrameTypes.GOAWAY, "04")).isNull();
        assertThat(frame(FrameTypes.GOAWAY, "08")).isEqualTo(Http3Error.ID_ERROR);
    }

    @Test
    void nothingThatWasNeverPromisedIsCancelled() {
        assertThat(frame(FrameTypes.CANCEL_PUSH, "00")).isEqualTo(Http3Error.ID_ERROR);
    }

    @ParameterizedTest
    @CsvSource({"7, ''", "7, 40", "7, 0400", "13, ''", "13, c0", "13, 0000"})
    void anIdIsOneNumberAndNothingElse(long type, String payload) {
        assertThat(frame(type, payload)).isEqualTo(Http3Error.FRAME_ERROR);
    }

    @Test
    void whatNobodyKnowsSaysWhatItLikes() {
        assertThat(frame(0x21, "ff00ff")).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        // Cancellations of streams 4 and 1000; an acknowledgment, an increment, a number without end.
        "44, true",
        "7fa907, true",
        "80, false",
        "01, false",
        "7fffffffffffffffffffffffff, false",
    })
    void aDecoderWithoutTableOnlyGivesUpStreams(String octets, boolean isRight) {
        TableTalk talk = new TableTalk();
        boolean mayStand = true;
        for (byte octet : HexFormat.of().parseHex(octets)) {
            mayStand &= talk.isDecoders(octet);
        }

        assertThat(mayStand).isEqualTo(isRight);
    }
}
