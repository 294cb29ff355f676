package io.penstock.transport;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

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
}
