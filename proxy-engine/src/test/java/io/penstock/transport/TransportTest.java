package io.penstock.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TransportTest {
    @Test
    void autoSaysWhatItChoseAndWhy() throws TransportRefused {
        Transport transport = Transport.open(TransportChoice.AUTO);

        assertThat(transport.name()).isIn("io_uring", "epoll", "nio");
        assertThat(transport.reason()).contains("works");
    }

    @Test
    void aConfiguredTransportIsTakenAsConfigured() throws TransportRefused {
        Transport transport = Transport.open(TransportChoice.NIO);

        assertThat(transport.name()).isEqualTo("nio");
        assertThat(transport.reason()).isEqualTo("as configured");
    }

    @ParameterizedTest
    @EnumSource(
            value = TransportChoice.class,
            names = {"NIO", "EPOLL", "IO_URING"})
    void packetsAreSharedWithNobodyButAProcessWhosePlaceIsTaken(TransportChoice choice) throws Exception {
        Transport present = Transport.open(choice);
        Transport next = Transport.open(choice);
        InetSocketAddress address;
        try (DatagramChannel probe = DatagramChannel.open()) {
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            address = (InetSocketAddress) probe.getLocalAddress();
        }
        List<DatagramSocket> bound = new ArrayList<>(present.bindDatagrams(address, 2, false));

        assertThatThrownBy(() -> next.bindDatagrams(address, 1, false)).isInstanceOf(BindRefused.class);
        bound.addAll(next.bindDatagrams(address, 1, true));

        bound.forEach(DatagramSocket::close);
    }
}
