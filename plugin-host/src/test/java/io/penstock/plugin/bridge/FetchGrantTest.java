package io.penstock.plugin.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FetchGrantTest {
    @ParameterizedTest
    @CsvSource({
        "api.example, 192.0.2.1, true",
        "api.example, 10.1.2.3, true",
        "api.example, 127.0.0.1, false",
        "api.example, 127.9.9.9, false",
        "api.example, 0.0.0.0, false",
        "api.example, 169.254.169.254, false",
        "api.example, 224.0.0.1, false",
        "api.example, 255.255.255.255, false",
        "api.example, ::1, false",
        "api.example, ::, false",
        "api.example, fe80::1, false",
        "api.example, ff02::1, false",
        "api.example, 2001:db8::1, true",
        "127.0.0.1, 127.0.0.1, true",
        "[::1], ::1, true",
        "localhost, 127.0.0.1, true"
    })
    void letsAddressesThroughThatDoNotMeanThisMachine(String host, String address, boolean isAllowed)
            throws UnknownHostException {
        assertThat(FetchGrant.addressesFor(host)
                        .allows(InetAddress.getByName(address).getAddress()))
                .isEqualTo(isAllowed);
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, false", "192.0.2.1, true"})
    void looksIntoIpv4InsideIpv6(String address, boolean isAllowed) throws UnknownHostException {
        byte[] mapped = new byte[16];
        mapped[10] = -1;
        mapped[11] = -1;
        System.arraycopy(InetAddress.getByName(address).getAddress(), 0, mapped, 12, 4);

        assertThat(FetchGrant.addressesFor("api.example").allows(mapped)).isEqualTo(isAllowed);
    }
}
