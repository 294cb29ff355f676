package io.penstock.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.transport.tls.ClientHello.State;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;

final class ClientHelloTest {
    private static ByteBuffer hello(String name) throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        if (!name.isEmpty()) {
            parameters.setServerNames(List.of(new SNIHostName(name)));
        }
        engine.setSSLParameters(parameters);
        ByteBuffer out = ByteBuffer.allocate(20_000);
        engine.wrap(ByteBuffer.allocate(0), out);
        return out.flip();
    }

    @Test
    void findsTheNameInLowerCase() throws Exception {
        assertThat(ClientHello.read(hello("Shop.Example")))
                .isEqualTo(new ClientHello(State.COMPLETE, "shop.example", false));
    }

    @Test
    void aHelloMayNameNobody() throws Exception {
        assertThat(ClientHello.read(hello(""))).isEqualTo(new ClientHello(State.COMPLETE, null, false));
    }

    @Test
    void isPartialUntilItsLastByteCame() throws Exception {
        ByteBuffer whole = hello("shop.example");
        for (int length = 0; length < whole.limit(); length++) {
            assertThat(ClientHello.read(whole.slice(0, length)).state()).isEqualTo(State.PARTIAL);
        }
    }

    @Test
    void mayComeInManyRecords() throws Exception {
        ByteBuffer whole = hello("shop.example");
        ByteBuffer records = ByteBuffer.allocate(20_000);
        whole.position(5);
        while (whole.hasRemaining()) {
            int part = Math.min(whole.remaining(), 3);
            records.put((byte) 22).put((byte) 3).put((byte) 1).putShort((short) part);
            records.put(whole.slice(whole.position(), part));
            whole.position(whole.position() + part);
        }

        assertThat(ClientHello.read(records.flip())).isEqualTo(new ClientHello(State.COMPLETE, "shop.example", false));
    }

    @Test
    void refusesWhatIsNoHello() {
        assertThat(ClientHello.read(ByteBuffer.wrap("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII)))
                        .state())
                .isEqualTo(State.MALFORMED);
        assertThat(ClientHello.read(ByteBuffer.wrap(new byte[] {22, 3, 1, 0, 0}))
                        .state())
                .isEqualTo(State.MALFORMED);
        assertThat(ClientHello.read(ByteBuffer.wrap(new byte[] {22, 3, 1, 0, 4, 2, 0, 0, 0}))
                        .state())
                .isEqualTo(State.MALFORMED);
    }

    @Test
    void isBoundedHoweverItIsCut() {
        ByteBuffer announced = ByteBuffer.wrap(new byte[] {22, 3, 1, 0, 4, 1, 1, 0, 0});
        assertThat(ClientHello.read(announced).state()).isEqualTo(State.TOO_LONG);
        ByteBuffer crumbs = ByteBuffer.allocate(6 * 3000);
        while (crumbs.hasRemaining()) {
            // A hello of 16 000 bytes, one byte a record.
            int index = crumbs.position() / 6;
            crumbs.put(new byte[] {22, 3, 1, 0, 1, index == 0 ? 1 : index == 2 ? (byte) 0x3e : 0});
        }
        assertThat(ClientHello.read(crumbs.flip()).state()).isEqualTo(State.TOO_LONG);
    }

    @Test
    void survivesAnyChangeOfAnyByte() throws Exception {
        ByteBuffer whole = hello("shop.example");
        Random random = new Random(11);
        for (int i = 0; i < 20_000; i++) {
            ByteBuffer changed = ByteBuffer.allocate(whole.limit())
                    .put(whole.duplicate().position(0))
                    .flip();
            for (int j = 0; j <= random.nextInt(3); j++) {
                changed.put(random.nextInt(changed.limit()), (byte) random.nextInt());
            }
            String name = ClientHello.read(changed).serverName();
            assertThat(name == null || name.matches("[a-z0-9._-]{1,253}")).isTrue();
        }
    }
}
