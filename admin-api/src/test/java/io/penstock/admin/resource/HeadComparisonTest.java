package io.penstock.admin.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HeadComparisonTest {
    private static final EnginePort.StepView KEY = new EnginePort.StepView("auth", "apiKey", "defaults");
    private static final EnginePort.StepView LIMIT = new EnginePort.StepView("limits", "few", "routes/shop");

    private static EnginePort.HeadView head(EnginePort.DecisionView decision) {
        return new EnginePort.HeadView(
                Instant.EPOCH, "web", "192.0.2.7", "GET", "http://a/x", List.of(), Optional.of(decision));
    }

    private static EnginePort.DecisionView served(String route, EnginePort.StepView... steps) {
        return new EnginePort.DecisionView(
                Optional.of(route), Optional.empty(), "/x", Optional.of("up"), Optional.of("/x"), List.of(steps));
    }

    private static EnginePort.DecisionView refused(String reason) {
        return new EnginePort.DecisionView(
                Optional.empty(), Optional.of(reason), "/x", Optional.empty(), Optional.empty(), List.of());
    }

    private static List<String> words(EnginePort.DecisionView was, EnginePort.DecisionView now) {
        return HeadComparison.of(List.of(head(was)), query -> Optional.of(now)).differences().stream()
                .map(HeadComparison.Difference::what)
                .toList();
    }

    @Test
    void findsNothingInTheSame() {
        assertThat(words(served("shop", KEY), served("shop", KEY))).isEmpty();
    }

    @Test
    void tellsOfAnotherRouteAndNotOfWhatFollows() {
        assertThat(words(served("shop", KEY), served("all"))).containsExactly("route \"shop\" -> route \"all\"");
        assertThat(words(served("shop"), refused("no-route")))
                .containsExactly("route \"shop\" -> no route", "route \"shop\": not refused -> refused, no-route");
        assertThat(words(refused("no-route"), refused("method-not-allowed")))
                .containsExactly("no route: refused, no-route -> refused, method-not-allowed");
    }

    @Test
    void tellsOfStepsThatAreGoneAddedOrMoved() {
        assertThat(words(served("shop", KEY, LIMIT), served("shop", LIMIT)))
                .containsExactly("route \"shop\": step gone: auth apiKey (defaults)");
        assertThat(words(served("shop", KEY), served("shop", KEY, KEY)))
                .containsExactly("route \"shop\": step added: auth apiKey (defaults)");
        assertThat(words(served("shop", KEY, LIMIT), served("shop", LIMIT, KEY)))
                .containsExactly("route \"shop\": the steps come in another order");
    }

    @Test
    void countsAKindOnceAndTheCommonestFirst() {
        List<EnginePort.HeadView> heads =
                List.of(head(served("rare")), head(served("often")), head(served("often")), head(served("same")));

        HeadComparison found = HeadComparison.of(heads, query -> Optional.of(served("same")));

        assertThat(found.heads()).isEqualTo(4);
        assertThat(found.routes()).isEqualTo(3);
        assertThat(found.differing()).isEqualTo(3);
        assertThat(found.differences())
                .extracting(HeadComparison.Difference::heads)
                .containsExactly(2, 1);
    }

    @Test
    void boundsWhatItTells() {
        List<EnginePort.HeadView> heads =
                IntStream.range(0, 300).mapToObj(i -> head(served("route" + i))).toList();

        HeadComparison found = HeadComparison.of(heads, query -> Optional.of(served("same")));

        assertThat(found.differences()).hasSize(HeadComparison.DIFFERENCES_MAX);
        assertThat(found.differencesLeftOut()).isEqualTo(100);
    }

    @Test
    void readsBackWhatTheApiWrites() throws Exception {
        EnginePort.HeadView written = new EnginePort.HeadView(
                Instant.ofEpochSecond(7),
                "web",
                "192.0.2.7",
                "GET",
                "http://a/x",
                List.of(new EnginePort.HeaderView("Accept", "*/*")),
                Optional.of(served("shop", KEY, LIMIT)));
        var body = JsonText.NODES.objectNode().put("version", "1.2.3").put("revision", 42);
        body.putArray("items").add(ConfigJson.write(written)).add(ConfigJson.write(head(refused("no-route"))));

        HeadDocument read = HeadDocument.read(JsonText.write(body));

        assertThat(read).isEqualTo(new HeadDocument("1.2.3", 42, List.of(written, head(refused("no-route")))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"items\": 7}",
                "{\"items\": [7]}",
                "{\"items\": [{\"method\": \"GET\", \"url\": \"/\"}]}",
                "{\"items\": [{\"method\": \"GET\", \"url\": \"/\", \"clientAddress\": \"me\"}]}"
            })
    void refusesWhatIsNoListOfHeads(String text) {
        assertThatExceptionOfType(UnreadableTextException.class)
                .isThrownBy(() -> HeadDocument.read(text.getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    [] | found a list, wanted what penstock heads --output json has written, an object
                    {} | /items: found no member "items", wanted the list of heads there
                    {"items": 7} | /items: found the number 7, wanted a list
                    {"items": [7]} | /items/0: found the number 7, wanted a head, an object
                    {"items": [{"clientAddress": "::1", "url": "/"}]} | /items/0/method: found no method, wanted a text
                    {"items": [{"clientAddress": "::1", "method": "GET", "url": 7}]} | /items/0/url: found the number 7, wanted a text
                    {"items": [{"clientAddress": "me"}]} | /items/0/clientAddress: found "me", wanted the IP address of a client
                    {"items": [HEAD, {"clientAddress": "::1", "headers": {}}]} | /items/1/headers: found an object, wanted a list
                    {"items": [{"clientAddress": "::1", "headers": ["a"]}]} | /items/0/headers/0: found the text "a", wanted a header field
                    {"items": [{"clientAddress": "::1", "decision": "no"}]} | /items/0/decision: found the text "no", wanted a decision
                    {"items": [{"clientAddress": "::1", "method": "GET", "url": "/", "decision": {"path": 7}}]} | /items/0/decision/path: found
                    {"items": [{"clientAddress": "::1", "method": "GET", "url": "/", "decision": {"steps": [{"what": []}]}}]} | /items/0/decision/steps/0/what: found a list
                    {"items": [], "revision": "x"} | /revision: found the text "x", wanted a whole number
                    """)
    void saysWhichMemberIsNotAsItShouldBe(String text, String message) {
        String sent = text.replace("HEAD", "{\"clientAddress\": \"::1\", \"method\": \"GET\", \"url\": \"/\"}");

        assertThatExceptionOfType(UnreadableTextException.class)
                .isThrownBy(() -> HeadDocument.read(sent.getBytes(StandardCharsets.UTF_8)))
                .withMessageContaining(message)
                .withMessageContaining("(write it anew by penstock heads --output json)");
    }

    @Test
    void countsHeadsThatNothingWasDecidedOf() throws Exception {
        String head = "{\"clientAddress\": \"::1\", \"method\": \"GET\", \"url\": \"/\", \"decision\": ";

        HeadDocument read = HeadDocument.read(
                ("{\"items\": [" + head + "{}}, " + head + "null}]}").getBytes(StandardCharsets.UTF_8));

        assertThat(read.undecided()).isEqualTo(1);
        assertThat(read.firstUndecided()).contains("/items/1");
    }
}
