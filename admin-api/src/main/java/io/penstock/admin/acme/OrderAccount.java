package io.penstock.admin.acme;

import io.penstock.config.AcmeAccountConfig;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * An account, with all that is needed to use it.
 *
 * @param believed who must have signed the directory's certificate; none for those of the platform
 * @param externalKey what binds it to an account elsewhere, in base64url
 */
record OrderAccount(
        AcmeAccountConfig config, KeyPair key, List<X509Certificate> believed, Optional<String> externalKey) {
    OrderAccount {
        believed = List.copyOf(believed);
    }
}
