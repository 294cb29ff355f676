package io.penstock.http2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames out of bytes that come in pieces of any size. */
final class FrameReaderTest {
    private static final int PADDED_LAST = FrameType.PADDED | FrameType.END_STREAM;

    // Everything that is read, in short.
    private static String read(byte[] bytes, int pieceBytes) {
        FrameReader reader = new FrameReader();
        StringBuilder seen = new StringBuilder();
        for (int from = 0; from < bytes.length; from += pieceBytes) {
            UnsafeBuffer piece = new UnsafeBuffer(bytes, from, Math.min(pieceBytes, bytes.length - from));
            int taken = 0;
            while (true) {
                taken += reader.read(piece, taken, piece.capacity() - taken);
                switch (reader.event()) {
                    case NEEDS_MORE -> {}
                    case HEADER ->
                        seen.append(" [")
                                .append(reader.type())
                                .append('/')
                                .append(reader.streamId())
                                .append(']');
                    case PAYLOAD -> append(reader, seen).append('.');
                    case DATA -> append(reader, seen).append(reader.isFrameEnd() ? "." : "");
                    case REFUSED -> {
                        return seen.append(' ').append(reader.problem()).toString();
                    }
                }
                if (reader.event() == FrameReader.Event.NEEDS_MORE) {
                    break;
                }
            }
            assertThat(taken).isEqualTo(piece.capacity());
        }
        return seen.toString();
    }

    private static StringBuilder append(FrameReader reader, StringBuilder seen) {
        byte[] payload = new byte[reader.payloadLength()];
        reader.payload().getBytes(reader.payloadOffset(), payload);
        return seen.append(new String(payload, StandardCharsets.ISO_8859_1));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 9, 10, 16, 1000})
    void readsTheSameHoweverTheBytesAreCut(int pieceBytes) {
        byte[] bytes = new Http2Wire()
                .settings()
                .frame(FrameType.HEADERS, FrameType.END_HEADERS, 1, "block".getBytes(StandardCharsets.US_ASCII))
                .data(1, "some text", false)
                .frame(FrameType.DATA, PADDED_LAST, 3, "\003text...".getBytes(StandardCharsets.US_ASCII))
                .frame(FrameType.DATA, PADDED_LAST, 3, (byte) 0)
                .frame(77, 0, 5, (byte) 'u')
                .data(5, "", true)
                .frame(FrameType.PING, 0, 0, "12345678".getBytes(StandardCharsets.US_ASCII))
                .take();

        assertThat(read(bytes, pieceBytes))
                .isEqualTo(" [4/0]. [1/1]block. [0/1]some text. [0/3]text. [0/3]. [77/5]. [0/5]. [6/0]12345678.");
    }

    @Test
    void refusesAFrameThatIsTooLongBeforeAnyOfItHasCome() {
        assertThat(read(
                        new Http2Wire()
                                .frameOfLength(16385, FrameType.DATA, 0, 1)
                                .take(),
                        100))
                .isEqualTo(" FRAME_SIZE_ERROR");
    }

    @Test
    void refusesPaddingThatIsLongerThanItsFrame() {
        assertThat(read(
                        new Http2Wire()
                                .frame(FrameType.DATA, FrameType.PADDED, 1, (byte) 5, (byte) 0)
                                .take(),
                        100))
                .isEqualTo(" [0/1] PROTOCOL_ERROR");
    }

    @Test
    void refusesFramesOfAWrongSizeOrPlace() {
        assertThat(read(new Http2Wire().frame(FrameType.PING, 0, 0, (byte) 1).take(), 100))
                .endsWith("FRAME_SIZE_ERROR");
        assertThat(read(new Http2Wire().frame(FrameType.RST_STREAM, 0, 1).take(), 100))
                .endsWith("FRAME_SIZE_ERROR");
        assertThat(read(
                        new Http2Wire()
                                .frame(FrameType.SETTINGS, 0, 0, (byte) 1)
                                .take(),
                        100))
                .endsWith("FRAME_SIZE_ERROR");
        assertThat(read(new Http2Wire().frame(FrameType.SETTINGS, 0, 1).take(), 100))
                .endsWith("PROTOCOL_ERROR");
        assertThat(read(new Http2Wire().data(0, "x", false).take(), 100)).endsWith("PROTOCOL_ERROR");
        assertThat(read(new Http2Wire().frame(FrameType.HEADERS, 0, 0).take(), 100))
                .endsWith("PROTOCOL_ERROR");
    }
}
