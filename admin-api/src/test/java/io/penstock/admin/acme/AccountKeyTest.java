package io.penstock.admin.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.config.PemText;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import org.junit.jupiter.api.Test;

final class AccountKeyTest {
    @Test
    void thePublicHalfComesOfThePrivateOne() throws Exception {
        KeyPair made = AccountKey.make();
        assertThat(AccountKey.read(AccountKey.text(made.getPrivate())).getPublic())
                .isEqualTo(made.getPublic());

        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair rsa = generator.generateKeyPair();
        assertThat(AccountKey.read(AccountKey.text(rsa.getPrivate())).getPublic())
                .isEqualTo(rsa.getPublic());
    }

    @Test
    void keysOfOtherKindsAreRefused() throws Exception {
        KeyPair edwards = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        assertThatThrownBy(() -> AccountKey.read(AccountKey.text(edwards.getPrivate())))
                .isInstanceOf(PemText.Unreadable.class);
        assertThatThrownBy(() -> AccountKey.read("nothing")).isInstanceOf(PemText.Unreadable.class);
    }
}
