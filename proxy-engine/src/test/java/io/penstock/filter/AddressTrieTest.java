package io.penstock.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.Cidr;
import io.penstock.config.IpAddress;
import io.penstock.http.AddressText;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Which addresses two lists of blocks let pass. */
final class AddressTrieTest {
    private static final long SEED = 20261122;

    private static AddressTrie trie(List<String> allow, List<String> deny) {
        return AddressTrie.of(
                allow.stream().map(Cidr::parse).toList(),
                deny.stream().map(Cidr::parse).toList());
    }

    private static byte[] address(String text) {
        byte[] wide = new byte[AddressText.BYTES];
        AddressText.widen(IpAddress.of(text).orElseThrow().bytes(), wide);
        return wide;
    }

    @Test
    void withoutListsEverybodyPasses() {
        AddressTrie trie = trie(List.of(), List.of());

        assertThat(trie.passes(address("192.0.2.1"))).isTrue();
        assertThat(trie.passes(address("2001:db8::1"))).isTrue();
        assertThat(trie.nodes()).isEqualTo(2);
    }

    @Test
    void anAllowListLetsNobodyElsePass() {
        AddressTrie trie = trie(List.of("10.0.0.0/8", "2001:db8::/32"), List.of());

        assertThat(trie.passes(address("10.255.255.255"))).isTrue();
        assertThat(trie.passes(address("11.0.0.0"))).isFalse();
        assertThat(trie.passes(address("9.255.255.255"))).isFalse();
        assertThat(trie.passes(address("2001:db8:ffff::"))).isTrue();
        assertThat(trie.passes(address("2001:db9::"))).isFalse();
    }

    @Test
    void whatIsDeniedIsDeniedAlsoWhereItIsAllowedMoreSpecifically() {
        AddressTrie trie = trie(List.of("10.0.0.0/8", "10.1.2.3"), List.of("10.1.0.0/16"));

        assertThat(trie.passes(address("10.2.0.0"))).isTrue();
        assertThat(trie.passes(address("10.1.2.3"))).isFalse();
        assertThat(trie.passes(address("192.0.2.1"))).isFalse();
    }

    @Test
    void aWholeFamilyIsNotTheOther() {
        AddressTrie trie = trie(List.of("0.0.0.0/0"), List.of());

        assertThat(trie.passes(address("0.0.0.0"))).isTrue();
        assertThat(trie.passes(address("255.255.255.255"))).isTrue();
        assertThat(trie.passes(address("::"))).isFalse();
        assertThat(trie(List.of("::/0"), List.of()).passes(address("192.0.2.1")))
                .isFalse();
    }

    @Test
    void tellsSingleAddressesApart() {
        AddressTrie trie =
                trie(List.of(), List.of("192.0.2.7", "2001:db8::7", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));

        assertThat(trie.passes(address("192.0.2.7"))).isFalse();
        assertThat(trie.passes(address("192.0.2.6"))).isTrue();
        assertThat(trie.passes(address("192.0.2.8"))).isTrue();
        assertThat(trie.passes(address("2001:db8::7"))).isFalse();
        assertThat(trie.passes(address("2001:db8::6"))).isTrue();
        assertThat(trie.passes(address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")))
                .isFalse();
        assertThat(trie.passes(address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe")))
                .isTrue();
    }

    @Test
    void blocksThatFillAnotherTakeNoRoom() {
        List<String> halves = List.of("10.0.0.0/25", "10.0.0.128/25", "10.0.1.0/24");

        assertThat(trie(halves, List.of()).nodes())
                .isEqualTo(trie(List.of("10.0.0.0/23"), List.of()).nodes());
    }

    @Test
    void saysWhatTheListsSayOneByOne() {
        Random random = new Random(SEED);
        for (int round = 0; round < 200; round++) {
            List<Cidr> allow = blocks(random, random.nextInt(12));
            List<Cidr> deny = blocks(random, random.nextInt(12));
            AddressTrie trie = AddressTrie.of(allow, deny);
            for (int i = 0; i < 500; i++) {
                byte[] address = near(random, allow, deny);
                boolean wanted = (allow.isEmpty() || allow.stream().anyMatch(each -> each.contains(address)))
                        && deny.stream().noneMatch(each -> each.contains(address));
                assertThat(trie.passes(address))
                        .as("seed %s round %s: allow %s deny %s", SEED, round, allow, deny)
                        .isEqualTo(wanted);
            }
        }
    }

    // Few different leading bytes, so that blocks lie in one another and addresses at their edges.
    private static List<Cidr> blocks(Random random, int count) {
        List<Cidr> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean v6 = random.nextBoolean();
            int prefix = random.nextInt(v6 ? 129 : 33);
            byte[] bytes = new byte[v6 ? 16 : 4];
            random.nextBytes(bytes);
            bytes[0] = (byte) (v6 ? 0x20 : 10);
            bytes[1] &= 3;
            for (int bit = prefix; bit < bytes.length * 8; bit++) {
                bytes[bit / 8] &= (byte) ~(0x80 >> bit % 8);
            }
            String host = v6
                    ? IpAddress.of(hex(bytes)).orElseThrow().toString()
                    : (bytes[0] & 255) + "." + (bytes[1] & 255) + "." + (bytes[2] & 255) + "." + (bytes[3] & 255);
            // A block of IPv6 that could be a mapped one reads as IPv4; there is none with this first byte.
            blocks.add(Cidr.parse(host + "/" + prefix));
        }
        return blocks;
    }

    private static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < bytes.length; i += 2) {
            text.append(i == 0 ? "" : ":").append(Integer.toHexString((bytes[i] & 255) << 8 | (bytes[i + 1] & 255)));
        }
        return text.toString();
    }

    private static byte[] near(Random random, List<Cidr> allow, List<Cidr> deny) {
        List<Cidr> all = new ArrayList<>(allow);
        all.addAll(deny);
        byte[] wide = new byte[AddressText.BYTES];
        if (all.isEmpty() || random.nextInt(4) == 0) {
            random.nextBytes(wide);
            return wide;
        }
        String text = all.get(random.nextInt(all.size())).toString();
        AddressText.widen(
                IpAddress.of(text.substring(0, text.indexOf('/'))).orElseThrow().bytes(), wide);
        int first = AddressText.isV4(wide) ? 96 : 0;
        int flipped = first + random.nextInt(128 - first + 1);
        if (flipped < 128) {
            wide[flipped / 8] ^= (byte) (0x80 >> flipped % 8);
        }
        return wide;
    }
}
