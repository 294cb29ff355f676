package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.AnonymousAuthConfig;
import io.penstock.config.AuthConfig;
import io.penstock.config.ServiceConfig;
import io.penstock.metrics.Reason;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.Identity;
import io.penstock.spi.Verdict;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.FakeFilter;
import io.penstock.worker.WorkerHarness;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The list of auth: the first entry that finds out who calls decides, and without one nobody passes. */
final class AuthPhaseTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final Identity ALICE = new Identity("alice", "", List.of(), Map.of());

    private final WorkerHarness worker = new WorkerHarness();
    private final FakeFilter first = new FakeFilter(FilterPhase.AUTH);
    private final FakeFilter second = new FakeFilter(FilterPhase.AUTH);
    private final FakeFilter inside = new FakeFilter(FilterPhase.TRANSFORM);
    private final List<String> subjects = new ArrayList<>();

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private void serve(AuthConfig... auth) {
        inside.inRequest(call -> {
            Identity who = call.identity();
            subjects.add(who == null ? "nobody" : who.subject());
        });
        worker.publish(worker.config()
                .with(WorkerHarness.listener().build())
                .with(WorkerHarness.upstream("10.0.0.1:80").build())
                .with(ServiceConfig.named("backend", "backend").build())
                .with(WorkerHarness.route()
                        .auth(auth)
                        .filters(worker.filter("inside", inside))
                        .build()));
    }

    private AuthConfig one() {
        return worker.auth("one", first);
    }

    private AuthConfig two() {
        return worker.auth("two", second);
    }

    @Test
    void theFirstThatIdentifiesDecidesAndTheOthersAreNotAsked() {
        first.inRequest(call -> call.identify(ALICE));
        serve(one(), two());
        FakeChannel client = worker.client(GET);
        worker.endpoint().deliver(OK);

        assertThat(client.sent()).startsWith("HTTP/1.1 200 ");
        assertThat(second.requests()).isZero();
        assertThat(second.responses()).isZero();
        assertThat(subjects).containsExactly("alice");
    }

    @Test
    void oneThatFindsNoCredentialLeavesItToTheNext() {
        second.inRequest(call -> call.identify(ALICE));
        serve(one(), two());
        worker.client(GET);

        assertThat(first.requests()).isEqualTo(1);
        assertThat(subjects).containsExactly("alice");
        worker.endpoint().deliver(OK);
    }

    @Test
    void nobodyPassesWithoutAnIdentityAndHearsOfEveryWayToGetOne() {
        first.inRequest(call -> call.challenge("Bearer realm=\"api\""));
        second.inRequest(call -> call.challenge("Basic realm=\"old\""));
        serve(one(), two());
        FakeChannel client = worker.client(GET);

        assertThat(client.sent())
                .startsWith("HTTP/1.1 401 Unauthorized\r\n")
                .contains("X-Penstock-Reason: unauthenticated\r\n")
                .contains("WWW-Authenticate: Bearer realm=\"api\"\r\n")
                .contains("WWW-Authenticate: Basic realm=\"old\"\r\n");
        assertThat(worker.connects()).isZero();
        assertThat(inside.requests()).isZero();
        assertThat(worker.count(Reason.UNAUTHENTICATED)).isEqualTo(1);
    }

    @Test
    void challengesOfOneExchangeAreNotTheNextOnes() {
        first.inRequest(call -> call.challenge("Bearer"));
        serve(one());
        assertThat(worker.client(GET).sent()).contains("WWW-Authenticate: Bearer\r\n");
        first.inRequest(call -> {});

        assertThat(worker.client(GET).sent()).startsWith("HTTP/1.1 401 ").doesNotContain("WWW-Authenticate");
    }

    @Test
    void anonymousLetsPassWhomNobodyKnows() {
        serve(one(), new AnonymousAuthConfig());
        FakeChannel client = worker.client(GET);
        worker.endpoint().deliver(OK);

        assertThat(client.sent()).startsWith("HTTP/1.1 200 ");
        assertThat(subjects).containsExactly("nobody");
    }

    @Test
    void oneThatAnswersHasDecided() {
        first.onRequest(new Verdict.Failed(Reason.FILTER_FAILED, "the key set is unreachable"));
        serve(one(), two(), new AnonymousAuthConfig());
        FakeChannel client = worker.client(GET);

        assertThat(client.sent()).startsWith("HTTP/1.1 500 ");
        assertThat(second.requests()).isZero();
    }

    @Test
    void failureNeverLetsAnybodyInWhateverTheFilterSays() {
        first.skippedOnFailure().onRequest(new Verdict.Failed(Reason.FILTER_FAILED, "broken"));
        serve(one(), new AnonymousAuthConfig());

        assertThat(worker.client(GET).sent()).startsWith("HTTP/1.1 500 ");
    }

    @Test
    void mayFindOutLater() {
        first.onRequest(Verdict.SUSPENDED).inRequest(call -> later = () -> call.identify(ALICE));
        serve(one(), two());
        FakeChannel client = worker.client(GET);

        later.run();
        first.resume(Verdict.CONTINUE);
        worker.endpoint().deliver(OK);

        assertThat(client.sent()).startsWith("HTTP/1.1 200 ");
        assertThat(second.requests()).isZero();
        assertThat(subjects).containsExactly("alice");
    }

    private Runnable later = () -> {};

    @Test
    void identityOfOneExchangeIsNotTheNextOnes() {
        first.inRequest(call -> call.identify(ALICE));
        serve(one());
        worker.client(GET);
        worker.endpoint().deliver(OK);
        first.inRequest(call -> {});

        assertThat(worker.client(GET).sent()).startsWith("HTTP/1.1 401 ");
    }

    @Test
    void onlyThePhaseOfAuthIdentifies() {
        serve(new AnonymousAuthConfig());
        inside.inRequest(call -> call.identify(ALICE));

        assertThat(worker.client(GET).sent()).startsWith("HTTP/1.1 500 ").contains("filter-failed");
    }

    @Test
    void aChallengeThatWouldSplitTheAnswerIsTheFiltersFault() {
        first.inRequest(call -> call.challenge("Bearer\r\nSet-Cookie: a=b"));
        serve(one());

        assertThat(worker.client(GET).sent()).startsWith("HTTP/1.1 500 ").doesNotContain("Set-Cookie");
    }

    @Test
    void anEntryThatDoesNotAuthenticateIsRefusedBeforeItServes() {
        FakeFilter transform = new FakeFilter(FilterPhase.TRANSFORM);

        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> serve(worker.auth("no", transform))))
                .hasMessageContaining("/auth/0/use")
                .hasMessageContaining("has no authenticate hook");
        assertThat(transform.closedTimes()).isEqualTo(1);
    }

    @Test
    void aChainThatIsReplacedClosesItsAuthenticators() {
        serve(one());
        serve(two());

        assertThat(first.closedTimes()).isEqualTo(1);
        assertThat(second.closedTimes()).isZero();
    }
}
