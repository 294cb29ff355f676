package io.penstock.transport.quic;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class AddressTokensTest {
    private static final long NOW_MS = 1_800_000_000_000L;
    private static final byte[] ID = {1, 2, 3, 4, 5, 6, 7, 8};

    private final AddressTokens tokens = new AddressTokens(new byte[32]);
    private final InetSocketAddress peer = new InetSocketAddress(InetAddress.getLoopbackAddress(), 4433);
    private final byte[] token = tokens.make(ID, peer, NOW_MS);

    @Test
    void believesItsOwnForTenSeconds() {
        assertThat(tokens.isGood(token, peer, NOW_MS)).isTrue();
        assertThat(tokens.isGood(token, peer, NOW_MS + 10_000)).isTrue();
        assertThat(tokens.isGood(token, peer, NOW_MS + 10_001)).isFalse();
        assertThat(tokens.isGood(token, peer, NOW_MS - 1)).isFalse();
    }

    @Test
    void holdsTheIdThatThePeerHadChosen() {
        assertThat(Arrays.copyOfRange(token, AddressTokens.ID_OFFSET, token.length))
                .isEqualTo(ID);
    }

    @Test
    void believesNoOthers() {
        assertThat(tokens.isGood(token, new InetSocketAddress(peer.getAddress(), 4434), NOW_MS))
                .isFalse();
        assertThat(new AddressTokens(new byte[] {1}).isGood(token, peer, NOW_MS))
                .isFalse();
        assertThat(tokens.isGood(new byte[0], peer, NOW_MS)).isFalse();
        assertThat(tokens.isGood(new byte[1000], peer, NOW_MS)).isFalse();
        for (int i = 0; i < token.length; i++) {
            byte[] changed = token.clone();
            changed[i] ^= 1;
            assertThat(tokens.isGood(changed, peer, NOW_MS)).as("octet %d", i).isFalse();
        }
    }
}
